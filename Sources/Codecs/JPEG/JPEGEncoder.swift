import Imaging

/// Writes a JPEG while its rows arrive.
final class JPEGEncoder: RowSink {
    private let writer: JPEGWriter
    private let bytes: any ByteSink
    private var backdrop: Backdrop

    init(_ layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink) throws(EncodeError) {
        self.bytes = bytes
        backdrop = Backdrop(request.output.background, behind: layout)
        writer = try JPEGWriter()
        try writer.start(layout, JPEGSettings(request.output))
        try writer.write(request.metadata)
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
