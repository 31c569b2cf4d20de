import Imaging

/// Writes a bitmap of 8 bits with a gray palette, or of 24 bits; rows go from the top down, so none must be kept.
final class BMPEncoder: RowSink {
    private let layout: RowLayout
    private let bytes: any ByteSink
    private var backdrop: Backdrop
    private var packedRow: [UInt8]

    private static let headersByteCount = 14 + 40

    init(_ layout: RowLayout, _ output: OutputOptions, into bytes: any ByteSink) throws {
        let bytesPerPixel = layout.format == .gray8 ? 1 : 3
        let stride = (layout.size.width * bytesPerPixel + 3) / 4 * 4
        let paletteByteCount = layout.format == .gray8 ? 256 * 4 : 0
        let pixelOffset = Self.headersByteCount + paletteByteCount
        let (pixels, overflows) = stride.multipliedReportingOverflow(by: layout.size.height)
        guard !overflows, let byteCount = UInt32(exactly: pixelOffset + pixels) else {
            throw EncodeError.tooLarge(.bmp, size: layout.size, limit: Int(UInt32.max))
        }
        self.layout = layout
        self.bytes = bytes
        backdrop = Backdrop(output.background, behind: layout)
        packedRow = [UInt8](repeating: 0, count: stride)

        var header: [UInt8] = Array("BM".utf8)
        header.append(byteCount)
        header.append(UInt32(0))
        header.append(UInt32(pixelOffset))
        header.append(UInt32(40))
        header.append(UInt32(layout.size.width))
        // Negative: the first row is the top one.
        header.append(UInt32(bitPattern: -Int32(layout.size.height)))
        header.append(UInt32(1 | bytesPerPixel * 8 << 16))
        header.append(UInt32(0))
        header.append(UInt32(pixels))
        // 72 dots per inch, in dots per metre.
        header.append(UInt32(2835))
        header.append(UInt32(2835))
        header.append(UInt32(paletteByteCount / 4))
        header.append(UInt32(0))
        if paletteByteCount > 0 {
            for gray in UInt32(0)...255 { header.append(gray * 0x01_0101) }
        }
        try bytes.write(header.span)
    }

    func writeRow(_ row: Span<UInt8>) throws {
        backdrop.withOpaque(row) { row in Self.pack(row, layout.format, into: &packedRow) }
        try unsafe packedRow.withUnsafeBufferPointer { try unsafe bytes.write($0.span) }
    }

    func finish() throws {}

    private static func pack(_ row: Span<UInt8>, _ format: PixelFormat, into bytes: inout [UInt8]) {
        var packed = bytes.mutableSpan
        switch format.channels {
        case .gray:
            for x in 0..<row.count { packed[x] = row[x] }
        case .rgba:
            for x in 0..<row.count / 4 {
                let i = x &* 4, j = x &* 3
                packed[j] = row[i &+ 2]
                packed[j &+ 1] = row[i &+ 1]
                packed[j &+ 2] = row[i]
            }
        }
    }
}

extension [UInt8] {
    /// Appends a number, its lowest byte first.
    fileprivate mutating func append(_ value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
