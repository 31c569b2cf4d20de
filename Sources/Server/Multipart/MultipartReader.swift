import HummingbirdCore
import NIOCore

/// Reads a multipart body from a connection, as fast as its parts are taken and no faster.
struct MultipartReader {
    private var parser: MultipartParser
    private var body: RequestBody.AsyncIterator

    /// - Throws: ``MultipartError/invalidBoundary``.
    init(type: MediaType, body: RequestBody) throws(MultipartError) {
        parser = try MultipartParser(boundary: type["boundary"] ?? "")
        self.body = body.makeAsyncIterator()
    }

    mutating func next() async throws -> MultipartParser.Event {
        while true {
            if let event = try parser.next() { return event }
            guard let bytes = try await body.next(isolation: #isolation) else {
                try parser.finish()
                return .ended
            }
            parser.receive(bytes)
        }
    }

    /// All parts, as the plain fields of a form.
    ///
    /// - Parameter limit: of all values together, in bytes.
    mutating func fields(limit: Int) async throws -> Fields {
        var fields = Fields()
        var current: (name: String, value: ByteBuffer)?
        var total = 0
        while true {
            switch try await next() {
            case .partBegan(let header):
                guard header.fileName == nil else {
                    throw Problem(
                        .unknownParameter, "no file is taken here; send it to /upload first", parameter: header.name)
                }
                current = (header.name, ByteBuffer())
            case .bytes(let bytes):
                total += bytes.readableBytes
                guard total <= limit else { throw Problem(.bodyTooLarge, "the form may have \(limit) bytes") }
                current?.value.writeImmutableBuffer(bytes)
            case .partEnded:
                guard let (name, value) = current else { continue }
                guard let text = String(validating: value.readableBytesView, as: UTF8.self) else {
                    throw Problem(.malformedRequest, "\(brief(name)) is no UTF-8", parameter: name)
                }
                fields.items.append((name, text))
            case .ended:
                return fields
            }
        }
    }
}
