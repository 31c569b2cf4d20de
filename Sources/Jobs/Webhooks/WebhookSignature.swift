import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Signs webhooks and checks what came as one (Standard Webhooks 1.0.0): version `v1`, HMAC-SHA256 over
/// `{id}.{timestamp}.{body}`.
package enum WebhookSignature {
    package static let idField = "webhook-id"
    package static let timestampField = "webhook-timestamp"
    package static let signatureField = "webhook-signature"

    /// How far a webhook's time may be from the receiver's, either way, in seconds.
    package static let tolerance: Int64 = 5 * 60

    /// What is sent along with a body, names in lower case.
    ///
    /// - Parameters:
    ///   - id: of the event, the same on every try; no full stop in it, which would blur what is signed.
    ///   - secrets: while a key is exchanged, the new one and the old one: a receiver needs to know only one of them.
    ///     With none, the webhook goes unsigned.
    ///   - now: of this try.
    package static func fields(
        id: String, body: [UInt8], secrets: [WebhookSecret], now: Timestamp
    ) -> [String: String] {
        let timestamp = String(now.milliseconds / 1000)
        var fields = [idField: id, timestampField: timestamp]
        if !secrets.isEmpty {
            fields[signatureField] = secrets.map {
                version + Data(code(id: id, timestamp: timestamp, body: body, $0)).base64EncodedString()
            }.joined(separator: " ")
        }
        return fields
    }

    /// Checks that somebody who knows one of the secrets sent this, and not long ago. Signatures of other versions are
    /// passed over. Whether the same id came before is for the caller to see.
    ///
    /// - Parameter fields: names in lower case.
    package static func verify(
        _ fields: [String: String], body: [UInt8], secrets: [WebhookSecret], now: Timestamp
    ) throws(WebhookSignatureError) {
        let id = try value(of: idField, in: fields)
        let timestamp = try value(of: timestampField, in: fields)
        let signatures: [Data] = try value(of: signatureField, in: fields).split(separator: " ")
            .filter { $0.hasPrefix(version) }
            .map { Data(base64Encoded: String($0.dropFirst(version.count))) ?? Data() }
        guard let seconds = Int64(timestamp) else { throw .malformedTimestamp }
        let current = now.milliseconds / 1000
        // Compared rather than subtracted: the sender chose the number.
        guard seconds >= current - tolerance else { throw .tooOld }
        guard seconds <= current + tolerance else { throw .tooNew }
        guard !signatures.isEmpty else { throw .unknownVersion }
        // The body is hashed once a secret, however many signatures there are; `==` takes the same time for all bytes.
        let codes = secrets.map { code(id: id, timestamp: timestamp, body: body, $0) }
        let fits = signatures.contains { signature in codes.contains { $0 == signature } }
        guard fits else { throw .mismatch }
    }

    private static let version = "v1,"

    private static func value(
        of name: String, in fields: [String: String]
    ) throws(WebhookSignatureError) -> String {
        guard let value = fields[name], !value.isEmpty else { throw .missing(field: name) }
        return value
    }

    private static func code(
        id: String, timestamp: String, body: [UInt8], _ secret: WebhookSecret
    ) -> HMAC<SHA256>.MAC {
        var code = HMAC<SHA256>(key: secret.key)
        code.update(data: Array("\(id).\(timestamp).".utf8))
        code.update(data: body)
        return code.finalize()
    }
}

/// Why a webhook is not to be believed.
package enum WebhookSignatureError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(field: String)
    case malformedTimestamp
    case tooOld
    case tooNew
    /// There are signatures, none of them of version `v1`.
    case unknownVersion
    case mismatch

    package var description: String {
        switch self {
        case .missing(let field): "the field \(field) is missing or empty"
        case .malformedTimestamp: "webhook-timestamp is not a number of seconds since 1970-01-01 UTC"
        case .tooOld: "webhook-timestamp is more than \(WebhookSignature.tolerance) s in the past"
        case .tooNew: "webhook-timestamp is more than \(WebhookSignature.tolerance) s in the future"
        case .unknownVersion: "webhook-signature has no signature of version v1"
        case .mismatch:
            "no v1 signature fits the id, the timestamp and the body as received: another secret, or changed bytes"
        }
    }
}
