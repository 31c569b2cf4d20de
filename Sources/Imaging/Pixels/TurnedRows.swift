/// A source turned upright, where that needs the whole picture: its last row, or its columns, come first.
@safe package final class TurnedRows: RowSource {
    package let layout: RowLayout
    private let source: any RowSource
    private let orientation: Orientation
    /// The upright picture once it has been read; `flipped` and `rotated180` keep the stored order of rows.
    private let picture: UnsafeMutableRawBufferPointer
    private var isRead = false
    private var rowsMade = 0

    /// Puts the turn behind a source: nothing for an upright one, a pass over each row for a mirrored one.
    package static func turning(_ source: any RowSource, _ orientation: Orientation) -> any RowSource {
        switch orientation {
        case .upright: source
        case .mirrored: MirroredRows(source)
        default: TurnedRows(source, orientation)
        }
    }

    /// Bytes that the turn holds of a whole picture of this layout.
    package static func byteCount(of layout: RowLayout, _ orientation: Orientation) -> Int {
        orientation.keepsRows ? 0 : layout.rowByteCount * layout.size.height
    }

    private init(_ source: any RowSource, _ orientation: Orientation) {
        self.source = source
        self.orientation = orientation
        var layout = source.layout
        if orientation.exchangesSides { layout.size = layout.size.transposed }
        self.layout = layout
        unsafe picture = .allocate(byteCount: layout.rowByteCount * layout.size.height, alignment: 64)
    }

    deinit { unsafe picture.deallocate() }

    package func readRow(into row: inout MutableSpan<UInt8>) throws {
        if !isRead {
            try readPicture()
            isRead = true
        }
        let upsideDown = orientation == .flipped || orientation == .rotated180
        let index = upsideDown ? layout.size.height - 1 - rowsMade : rowsMade
        let bytes = unsafe UnsafeRawBufferPointer(
            rebasing: picture[index * layout.rowByteCount..<(index + 1) * layout.rowByteCount])
        unsafe row.withUnsafeMutableBytes { unsafe $0.copyMemory(from: bytes) }
        if orientation == .rotated180 { MirroredRows.mirror(&row, layout.format) }
        rowsMade += 1
    }

    private func readPicture() throws {
        if orientation.exchangesSides {
            switch layout.format {
            case .gray8: try readTransposing(UInt8.self)
            case .gray16: try readTransposing(UInt16.self)
            case .rgba8: try readTransposing(UInt32.self)
            case .rgba16: try readTransposing(UInt64.self)
            }
        } else {
            for index in 0..<layout.size.height {
                try unsafe readStoredRow(into: picture, at: index)
            }
        }
    }

    /// Reads stored rows by bands, each row into a column. A band's columns fill a cache line of each upright row, which
    /// would otherwise be fetched anew for every pixel.
    private func readTransposing<Pixel: BitwiseCopyable>(_: Pixel.Type) throws {
        let stored = source.layout
        let bandHeight = 64 / MemoryLayout<Pixel>.size
        let fromRight = orientation == .rotated90 || orientation == .transversed
        let fromBottom = orientation == .rotated270 || orientation == .transversed
        var band = [UInt8](repeating: 0, count: stored.rowByteCount * bandHeight)
        let pixels = unsafe picture.bindMemory(to: Pixel.self)
        for top in stride(from: 0, to: stored.size.height, by: bandHeight) {
            let height = min(bandHeight, stored.size.height - top)
            try unsafe band.withUnsafeMutableBytes { band in
                for index in 0..<height { try unsafe readStoredRow(into: band, at: index) }
                let band = unsafe band.assumingMemoryBound(to: Pixel.self)
                for x in 0..<stored.size.width {
                    let row = (fromBottom ? stored.size.width - 1 - x : x) * stored.size.height
                    for y in 0..<height {
                        let column = fromRight ? stored.size.height - 1 - top - y : top + y
                        unsafe pixels[row + column] = band[y * stored.size.width + x]
                    }
                }
            }
        }
    }

    private func readStoredRow(into rows: UnsafeMutableRawBufferPointer, at index: Int) throws {
        let length = source.layout.rowByteCount
        let row = unsafe UnsafeMutableBufferPointer(
            rebasing: rows.bindMemory(to: UInt8.self)[index * length..<(index + 1) * length])
        var span = unsafe MutableSpan(_unsafeElements: row)
        try source.readRow(into: &span)
    }
}
