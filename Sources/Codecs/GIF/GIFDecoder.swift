import Imaging

/// Rows of a GIF's first frame on its canvas: gray where the palette is and nothing is transparent, else RGBA.
final class GIFDecoder: RowSource {
    let layout: RowLayout
    private let reader: GIFReader
    /// The colour of each of 256 indices, black where the palette has none.
    private let colors: [SIMD4<UInt8>]
    /// Indices of an interlaced frame; else empty.
    private let frameIndices: [UInt8]
    private var rowIndices: [UInt8]
    private var nextRow = 0

    init(_ reader: GIFReader) throws(DecodeError) {
        let header = reader.header
        layout = RowLayout(
            size: header.storedSize, format: header.isGray && !header.hasAlpha ? .gray8 : .rgba8,
            isOpaque: !header.hasAlpha)
        colors = reader.colors
        rowIndices = [UInt8](repeating: 0, count: reader.frame.size.width)
        frameIndices = reader.frame.isInterlaced ? try reader.readFrame() : []
        self.reader = reader
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        let y = nextRow - reader.frame.y
        nextRow += 1
        guard (0..<reader.frame.size.height).contains(y) else {
            for i in row.indices { row[i] = 0 }
            return
        }
        let width = reader.frame.size.width
        if frameIndices.isEmpty {
            try Self.readRow(reader, into: &rowIndices)
            draw(rowIndices[...], into: &row)
        } else {
            draw(frameIndices[y * width..<(y + 1) * width], into: &row)
        }
    }

    private static func readRow(_ reader: GIFReader, into indices: inout [UInt8]) throws(DecodeError) {
        var row = indices.mutableSpan
        try reader.readIndices(into: &row)
    }

    private func draw(_ indices: ArraySlice<UInt8>, into row: inout MutableSpan<UInt8>) {
        let left = reader.frame.x, right = left + indices.count
        let start = indices.startIndex - left
        switch layout.format.channels {
        case .gray:
            for x in left..<right { row[x] = colors[Int(indices[start + x])].x }
        case .rgba:
            unsafe row.withUnsafeMutableBytes { row in
                for x in 0..<left { unsafe row.storeBytes(of: .zero, toByteOffset: x * 4, as: SIMD4<UInt8>.self) }
                for x in left..<right {
                    let color = colors[Int(indices[start + x])]
                    unsafe row.storeBytes(of: color, toByteOffset: x * 4, as: SIMD4<UInt8>.self)
                }
                for x in right..<layout.size.width {
                    unsafe row.storeBytes(of: .zero, toByteOffset: x * 4, as: SIMD4<UInt8>.self)
                }
            }
        }
    }
}

extension GIFReader {
    /// The colour of each of 256 indices, black where the frame's palette has none.
    var colors: [SIMD4<UInt8>] {
        let palette = palette
        return (0..<256).map { index in
            if index == frame.control.transparentIndex { return .zero }
            let color = index < palette.count ? palette[index] : .black
            return SIMD4(color.red, color.green, color.blue, 255)
        }
    }

    /// Reads the palette indices of all rows, those of an interlaced frame from their four passes (GIF 89a, appendix E).
    func readFrame() throws(DecodeError) -> [UInt8] {
        let size = frame.size
        let layout = RowLayout(size: size, format: .gray8, isOpaque: true)
        var indices = [UInt8](repeating: 0, count: try layout.pictureByteCount(in: .gif))
        var span = indices.mutableSpan
        for (start, step) in frame.isInterlaced ? [(0, 8), (4, 8), (2, 4), (1, 2)] : [(0, 1)] {
            for y in stride(from: start, to: size.height, by: step) {
                var row = span._mutatingExtracting(y * size.width..<(y + 1) * size.width)
                try readIndices(into: &row)
            }
        }
        return indices
    }
}
