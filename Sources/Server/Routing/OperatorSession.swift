import Crypto
import HTTPTypes
import Jobs

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a browser is given once its user has shown the operator's token: a cookie that says until when it is good, signed
/// with the token, so that every process with the same token knows it and none has to remember it.
struct OperatorSession: Sendable {
    private let key: SymmetricKey

    static let cookieName = "tintype_session"
    static let lifetime = Duration.seconds(12 * 3600)

    init(token: String) {
        key = SymmetricKey(data: SHA256.hash(data: Data("tintype session\0\(token)".utf8)))
    }

    /// The value of `Set-Cookie` (RFC 6265).
    ///
    /// - Parameter isSecure: whether browsers may send it over TLS alone.
    func cookie(at time: Timestamp, isSecure: Bool) -> String {
        let end = (time + Self.lifetime).milliseconds / 1000
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(end)".utf8), using: key)
        let text = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return Self.cookie("\(end).\(text)", maxAge: Int(Self.lifetime.seconds), isSecure: isSecure)
    }

    /// Takes the cookie away.
    static func noCookie(isSecure: Bool) -> String { cookie("", maxAge: 0, isSecure: isSecure) }

    private static func cookie(_ value: String, maxAge: Int, isSecure: Bool) -> String {
        "\(cookieName)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")"
    }

    /// Whether a request bears a cookie that is good at this time.
    func isBorne(by fields: HTTPFields, at time: Timestamp) -> Bool {
        fields[values: .cookie].flatMap { $0.split(separator: ";") }.contains { pair in
            let words = pair.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            return words.count == 2 && words[0] == Self.cookieName && isGood(words[1], at: time)
        }
    }

    private func isGood(_ value: String, at time: Timestamp) -> Bool {
        let words = value.split(separator: ".")
        guard words.count == 2, let end = Int64(words[0]), end > time.milliseconds / 1000,
            let code = bytes(ofHexadecimal: words[1])
        else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Data("\(end)".utf8), using: key)
    }

    private func bytes(ofHexadecimal text: Substring) -> [UInt8]? {
        let digits = text.utf8.compactMap(\.hexDigit)
        guard digits.count == text.utf8.count, digits.count == 2 * SHA256.byteCount else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
