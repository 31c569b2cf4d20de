import Imaging

/// A picture as indices into a palette of at most 256 colours.
struct IndexedPicture {
    private(set) var palette: [Color] = []
    private(set) var transparentIndex: Int?
    /// One a pixel, rows from the top.
    private(set) var indices: [UInt8] = []

    /// A strong effort takes fewer colours and does not dither, since neither noise nor many colours compress.
    private static func colorCount(_ effort: OutputOptions.Effort) -> Int { effort == .strongest ? 64 : 256 }

    /// - Parameter pixels: the rows of `layout`, one after another.
    init(_ pixels: consuming [UInt8], _ layout: RowLayout, _ output: OutputOptions) {
        switch layout.format.channels {
        case .gray: takeGray(pixels, levels: Self.colorCount(output.effort))
        case .rgba: takeColors(pixels, layout, output)
        }
    }

    /// Gray needs no search: its palette is a ramp.
    private mutating func takeGray(_ pixels: consuming [UInt8], levels: Int) {
        palette = (0..<levels).map { level in
            let gray = UInt8((level * 255 + (levels - 1) / 2) / (levels - 1))
            return Color(red: gray, green: gray, blue: gray)
        }
        indices = pixels
        guard levels < 256 else { return }
        for i in indices.indices { indices[i] = UInt8((Int(indices[i]) * (levels - 1) + 127) / 255) }
    }

    private mutating func takeColors(_ pixels: consuming [UInt8], _ layout: RowLayout, _ output: OutputOptions) {
        var histogram = ColorHistogram()
        histogram.add(pixels.span)
        // One index stays free for what is transparent.
        let colorCount = Self.colorCount(output.effort) - (layout.isOpaque ? 0 : 1)
        palette = Quantizer.palette(of: histogram, count: colorCount)
        let free = UInt8(truncatingIfNeeded: palette.count)
        let isExact = histogram.exactColors.map { $0.count <= colorCount } ?? false

        var map = PaletteMap(palette)
        let dithers = output.dithers && output.effort != .strongest && !isExact
        var dithering = dithers ? Dithering(width: layout.size.width) : nil
        indices = [UInt8](repeating: 0, count: layout.size.width * layout.size.height)
        var target = indices.mutableSpan
        for y in 0..<layout.size.height {
            let row = pixels.span.extracting(y * layout.rowByteCount..<(y + 1) * layout.rowByteCount)
            var rowIndices = target._mutatingExtracting(y * layout.size.width..<(y + 1) * layout.size.width)
            if dithering != nil {
                dithering?.map(row, to: &rowIndices, by: &map, transparentIndex: free)
            } else {
                Self.map(row, to: &rowIndices, by: &map, transparentIndex: free)
            }
        }
        if !layout.isOpaque, indices.contains(free) {
            transparentIndex = palette.count
            palette.append(.black)
        }
    }

    private static func map(
        _ row: Span<UInt8>, to indices: inout MutableSpan<UInt8>, by map: inout PaletteMap, transparentIndex: UInt8
    ) {
        for x in indices.indices {
            let i = x * 4
            guard row[i + 3] >= 128 else {
                indices[x] = transparentIndex
                continue
            }
            let color = Color(red: row[i], green: row[i + 1], blue: row[i + 2])
            indices[x] =
                map.exactIndex(of: color)
                ?? map.nearestIndex(to: SIMD4(Int32(color.red), Int32(color.green), Int32(color.blue), 0))
        }
    }
}
