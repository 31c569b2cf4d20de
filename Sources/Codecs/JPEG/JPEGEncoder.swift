import Imaging

/// Writes a JPEG while its rows arrive.
final class JPEGEncoder: RowSink {
    private let writer: JPEGWriter
    private let bytes: any ByteSink
    private var backdrop: Backdrop

    /// The longest side that libjpeg writes, in pixels.
    static let maxSide = 65_500

    /// From this quality on, halving the chroma loses more than the quantization does. libvips draws the same line.
    static let fullChromaQuality = 90

    init(_ layout: RowLayout, _ output: OutputOptions, into bytes: any ByteSink) throws(EncodeError) {
        guard max(layout.size.width, layout.size.height) <= Self.maxSide else {
            throw .tooLarge(.jpeg, size: layout.size, limit: Self.maxSide)
        }
        self.bytes = bytes
        backdrop = Backdrop(output.background, behind: layout)
        writer = try JPEGWriter()
        let quality = min(max(output.quality ?? OutputOptions.defaultQuality, 1), 100)
        try writer.start(
            layout, quality: quality, fullChroma: quality >= Self.fullChromaQuality,
            isOptimized: output.effort == .strongest)
    }

    func writeRow(_ row: Span<UInt8>) throws {
        try backdrop.withOpaque(row) { try writer.writeRow($0) }
        try writer.drain(into: bytes)
    }

    func finish() throws {
        try writer.finish()
        try writer.drain(into: bytes)
    }
}
