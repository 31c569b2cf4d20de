import Crypto
import HTTPTypes
import Jobs

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Who may use the operator's routes: the bearer of the token where there is one, or a browser that has shown it, else only
/// this machine.
struct OperatorGate: Sendable {
    /// Digests are compared, in constant time: neither the token's length nor its beginning can be felt out.
    private let token: SHA256.Digest?
    private let session: OperatorSession?
    private let isLocal: Bool
    private let publicURL: String?

    init(settings: ServerSettings) {
        token = settings.adminToken.map { SHA256.hash(data: Data($0.utf8)) }
        session = settings.adminToken.map { OperatorSession(token: $0) }
        isLocal = Self.isLoopback(settings.host)
        publicURL = settings.publicURL
    }

    func check(_ head: HTTPRequest) throws(Problem) {
        guard try admits(head) else {
            throw Self.unauthorized("send the operator's token as Authorization: Bearer …, or sign in")
        }
    }

    /// Whether a request shows that it may; where no token is needed, it is refused or it does.
    func admits(_ head: HTTPRequest) throws(Problem) -> Bool {
        guard token != nil else {
            try checkLocal(head)
            return true
        }
        return bearsToken(head) || isSignedIn(head)
    }

    /// Whether there is a token to show.
    var needsToken: Bool { token != nil }

    /// Begins a session for who knows the token.
    ///
    /// - Returns: the value of `Set-Cookie`; `nil` where it is another token, or none is needed.
    func signIn(with given: String, isSecure: Bool) -> String? {
        guard SHA256.hash(data: Data(given.utf8)) == token else { return nil }
        return session?.cookie(at: .now, isSecure: isSecure)
    }

    static func unauthorized(_ detail: String) -> Problem {
        Problem(.unauthorized, detail, fields: [.wwwAuthenticate: "Bearer realm=\"tintype\""])
    }

    private func bearsToken(_ head: HTTPRequest) -> Bool {
        let words = head.headerFields[.authorization]?.split(separator: " ", maxSplits: 1) ?? []
        return words.count == 2 && words[0].lowercased() == "bearer"
            && SHA256.hash(data: Data(words[1].utf8)) == token
    }

    private func isSignedIn(_ head: HTTPRequest) -> Bool {
        comesFromOurPage(head) && session?.isBorne(by: head.headerFields, at: .now) ?? false
    }

    /// A browser sends its cookie along with whatever a page asks for. Whose page that is it says itself (W3C Fetch
    /// Metadata); without TLS it says only the origin, and that where something is to be changed.
    private func comesFromOurPage(_ head: HTTPRequest) -> Bool {
        if let site = head.headerFields[.secFetchSite] { return site == "same-origin" || site == "none" }
        guard let origin = head.headerFields[.origin] else { return true }
        return origin == publicURL || origin.split(separator: "/").last == head.authority.map { $0[...] }
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
        .forwarded, .forwardedFor, .forwardedHost, .forwardedProto, .realIP, .via,
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
