import HTTPTypes
import HummingbirdCore
import Jobs
import NIOCore

/// A request on its way to the route that answers it.
struct IncomingRequest: Sendable {
    let head: HTTPRequest
    let body: RequestBody
    /// What stands in the braces of the route's template, in order.
    let parameters: [Substring]
    let query: Fields

    var fields: HTTPFields { head.headerFields }

    /// The id in the path. What is no UUID names nothing, so it is not found.
    func identifier<ID: Identifier>(_ type: ID.Type = ID.self) throws(Problem) -> ID {
        guard let text = parameters.first, let id = ID(text) else {
            throw Problem(.notFound, "\(brief(parameters.first ?? "")) is no id of ours: they are UUIDs")
        }
        return id
    }

    /// The whole body, for what is not an upload.
    func collectedBody() async throws -> ByteBuffer {
        if let length = fields[.contentLength].flatMap({ Int($0) }), length > Self.maximumBody {
            throw Self.bodyTooLarge
        }
        var whole = ByteBuffer()
        for try await part in body {
            guard whole.readableBytes + part.readableBytes <= Self.maximumBody else { throw Self.bodyTooLarge }
            if whole.readableBytes == 0 {
                whole = part
            } else {
                whole.writeImmutableBuffer(part)
            }
        }
        return whole
    }

    /// In bytes; a plan takes a few hundred.
    static let maximumBody = 1 << 16
    private static let bodyTooLarge = Problem(.bodyTooLarge, "the body may have \(maximumBody) bytes")
}
