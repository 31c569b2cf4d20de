import Imaging

/// Collects the picture, and writes it as a lossy WebP when it is whole: the encoder looks at all of it several times.
final class WebPEncoder: RowSink {
    private let layout: RowLayout
    private let settings: WebPSettings
    private let metadata: PictureMetadata
    private let checkpoint: () throws -> Void
    private let bytes: any ByteSink
    private var rows: RowCollector

    init(_ layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink) throws(EncodeError) {
        settings = try WebPSettings(request.output, layout.size)
        metadata = request.metadata
        checkpoint = request.checkpoint
        self.layout = layout
        self.bytes = bytes
        rows = RowCollector(layout)
    }

    func writeRow(_ row: Span<UInt8>) throws { rows.append(row) }

    func finish() throws {
        var picture = try WebPWriter(settings)
        try picture.load(rows.takePixels(), layout)
        try picture.write(metadata, into: bytes, checkpoint)
    }
}

/// How hard and how well pictures are encoded.
struct WebPSettings {
    /// 1…100.
    let quality: Int
    let effort: OutputOptions.Effort

    /// The longest side, in pixels (RFC 9649, section 2.5).
    static let maxSide = 16_383

    /// - Throws: ``EncodeError/tooLarge(_:size:limit:)``.
    init(_ output: OutputOptions, _ size: Size) throws(EncodeError) {
        guard max(size.width, size.height) <= Self.maxSide else {
            throw .tooLarge(.webp, size: size, limit: Self.maxSide)
        }
        quality = min(max(output.quality ?? OutputOptions.defaultQuality, 1), 100)
        effort = output.effort
    }
}
