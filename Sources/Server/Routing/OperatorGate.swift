import Crypto
import HTTPTypes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Who may use the operator's routes: the bearer of the token where there is one, else only this machine.
struct OperatorGate: Sendable {
    /// Digests are compared, in constant time: neither the token's length nor its beginning can be felt out.
    private let token: SHA256.Digest?
    private let isLocal: Bool

    init(settings: ServerSettings) {
        token = settings.adminToken.map { SHA256.hash(data: Data($0.utf8)) }
        isLocal = Self.isLoopback(settings.host)
    }

    func check(_ head: HTTPRequest) throws(Problem) {
        if let token { try checkToken(head, token) } else { try checkLocal(head) }
    }

    private func checkToken(_ head: HTTPRequest, _ token: SHA256.Digest) throws(Problem) {
        let words = head.headerFields[.authorization]?.split(separator: " ", maxSplits: 1) ?? []
        guard words.count == 2, words[0].lowercased() == "bearer",
            SHA256.hash(data: Data(words[1].utf8)) == token
        else {
            throw Problem(
                .unauthorized, "send the operator's token as Authorization: Bearer …",
                fields: [.wwwAuthenticate: "Bearer realm=\"tintype\""])
        }
    }

    private func checkLocal(_ head: HTTPRequest) throws(Problem) {
        // A proxy on this machine would make everybody local, and so would a web page: by its own script (it has an origin
        // that is not ours), or by a name of its own that leads here (then the host is that name).
        let host = head.authority.map { Self.host(of: $0[...]) }
        let origin = head.headerFields[.origin].flatMap { $0.split(separator: "/").last.map(Self.host(of:)) }
        guard isLocal, Self.forwarding.allSatisfy({ !head.headerFields.contains($0) }),
            host.map(Self.isLoopback) ?? false, origin.map(Self.isLoopback) ?? true
        else {
            throw Problem(
                .forbidden, "without ADMIN_TOKEN this answers only on the machine itself, on a loopback HOST")
        }
    }

    private static let forwarding: [HTTPField.Name] = [
        .forwarded, .forwardedFor, .forwardedHost, .forwardedProto, .realIP,
    ]

    /// An authority without its port and brackets.
    private static func host(of authority: Substring) -> String {
        if authority.first == "[" { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1"
            || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (48...57).contains($0) }
    }
}
