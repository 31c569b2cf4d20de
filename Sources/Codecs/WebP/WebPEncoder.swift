import CWebP
import Imaging

/// Collects the picture, and writes it as a lossy WebP when it is whole: the encoder looks at all of it several times.
final class WebPEncoder: RowSink {
    private let layout: RowLayout
    private let quality: Int
    private let effort: OutputOptions.Effort
    private let bytes: any ByteSink
    private var rows: RowCollector

    /// The longest side, in pixels (RFC 9649, section 2.5).
    static let maxSide = 16_383

    init(_ layout: RowLayout, _ output: OutputOptions, into bytes: any ByteSink) throws(EncodeError) {
        guard max(layout.size.width, layout.size.height) <= Self.maxSide else {
            throw .tooLarge(.webp, size: layout.size, limit: Self.maxSide)
        }
        self.layout = layout
        quality = min(max(output.quality ?? OutputOptions.defaultQuality, 1), 100)
        effort = output.effort
        self.bytes = bytes
        rows = RowCollector(layout)
    }

    func writeRow(_ row: Span<UInt8>) throws { rows.append(row) }

    func finish() throws {
        var picture = try WebPWriter(quality: quality, effort: effort)
        try picture.load(rows.takePixels(), layout)
        try picture.write(into: bytes)
    }
}
