import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a sender and a receiver of webhooks share (Standard Webhooks 1.0.0, "Signature scheme"): 24 to 64 bytes,
/// written as `whsec_` and their base64.
///
/// The prefix may be left out, as the specification's own libraries allow. A plain text is refused: many a one is valid
/// base64 too, and the two sides would then sign with different bytes and never know why.
package struct WebhookSecret: Sendable {
    let key: SymmetricKey

    package init(_ text: String) throws(WebhookSecretError) {
        let digits = text.hasPrefix(Self.prefix) ? String(text.dropFirst(Self.prefix.count)) : text
        guard let bytes = Data(base64Encoded: digits) else { throw .notBase64 }
        guard (24...64).contains(bytes.count) else { throw .wrongLength(bytes.count) }
        key = SymmetricKey(data: bytes)
    }

    private static let prefix = "whsec_"
}

/// Why a text is no secret. It does not quote the text.
package enum WebhookSecretError: Error, Hashable, Sendable, CustomStringConvertible {
    case notBase64
    /// In bytes.
    case wrongLength(Int)

    package var description: String {
        let form =
            "a webhook secret is 'whsec_' and the base64 of 24 to 64 bytes, as 'openssl rand -base64 32' makes them"
        return switch self {
        case .notBase64: "the text is no base64; \(form)"
        case .wrongLength(let count): "the text stands for \(count) bytes; \(form)"
        }
    }
}
