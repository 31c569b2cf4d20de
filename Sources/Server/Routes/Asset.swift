import Crypto
import Gzip
import HTTPTypes
import NIOCore

/// Bytes that stay as they are for as long as the process runs.
struct Asset: Sendable {
    private let fields: HTTPFields
    private let plain: (bytes: ByteBuffer, tag: EntityTag)
    private let packed: (bytes: ByteBuffer, tag: EntityTag)?

    init(_ bytes: some Collection<UInt8>, _ type: String) {
        let array = Array(bytes)
        let digest = SHA256.hash(data: array).prefix(12).map { String($0, radix: 16) }.joined()
        plain = (ByteBuffer(bytes: array), EntityTag(digest))
        packed = gzipped(array).map { (ByteBuffer(bytes: $0), EntityTag("\(digest)-gzip")) }
        fields = [
            .contentType: type.hasPrefix("text/") ? type + "; charset=utf-8" : type,
            .vary: "Accept-Encoding",
            .xContentTypeOptions: "nosniff",
            // A page shows what it fetched as pictures made from its own memory.
            .contentSecurityPolicy:
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ]
    }

    /// - Parameter isForever: whether the path names these very bytes, so that nobody needs to ask for them again.
    func answer(to request: IncomingRequest, isForever: Bool = false) -> Answer {
        var fields = fields
        fields[.cacheControl] = isForever ? "public, max-age=31536000, immutable" : "no-cache"
        var form = plain
        if let packed, request.acceptsGzip {
            form = packed
            fields[.contentEncoding] = "gzip"
        }
        fields[.eTag] = form.tag.description
        if form.tag.isListed(in: request.fields[.ifNoneMatch]) {
            fields[.contentEncoding] = nil
            return Answer(.notModified, fields: fields)
        }
        return Answer(.ok, fields: fields, body: .bytes(form.bytes))
    }
}

extension IncomingRequest {
    /// Whether `Accept-Encoding` lists gzip (RFC 9110, section 12.5.3); one that gives it no weight rules it out.
    fileprivate var acceptsGzip: Bool { Weights(fields[.acceptEncoding]).weight(of: "gzip") > 0 }
}
