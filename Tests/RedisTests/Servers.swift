import RedisBackend
import TestServers
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The servers that the tests speak to, from the environment.
enum Server: String, CaseIterable, Sendable {
    case single = "TEST_REDIS_URL"
    case encrypted = "TEST_REDIS_TLS_URL"
    case cluster = "TEST_REDIS_CLUSTER_URL"

    /// A PEM file of the authority that signed its certificate.
    var trusted: String? { get throws { self == .encrypted ? try Self.variable("TEST_TLS_CA") : nil } }

    var url: String { get throws { try Self.variable(rawValue) } }

    var endpoint: RedisEndpoint { get throws { try RedisEndpoint(url: url) } }

    /// `rediss` and `user:password@`.
    var schemeAndLogin: (String, String) {
        get throws {
            let parts = try url.split(separator: "://", maxSplits: 1)
            let login = parts[1].contains("@") ? parts[1].prefix { $0 != "@" } + "@" : ""
            return (String(parts[0]), String(login))
        }
    }

    /// A client for the time of `body`.
    func withClient(
        timeout: Duration = .milliseconds(1500), _ body: (RedisClient) async throws -> Void
    ) async throws {
        try await withRedisClient(try url, timeout: timeout, trusting: try trusted, body)
    }

    /// Lends a relay to it, and its URL by way of that.
    ///
    /// - Parameter host: the address of this machine at which the relay is reached.
    func withRelay(
        at host: String = "127.0.0.1", _ body: (Relay, _ url: String) async throws -> Void
    ) async throws {
        let (scheme, login) = try schemeAndLogin
        try await Relay.with(to: try endpoint.port, at: host) { relay in
            try await body(relay, "\(scheme)://\(login)\(host):\(relay.port)")
        }
    }

    private static func variable(_ name: String) throws -> String {
        guard let value = unsafe getenv(name) else { throw MissingServer(variable: name) }
        return unsafe String(cString: value)
    }
}

/// A test without its server has not passed.
struct MissingServer: Error, CustomStringConvertible {
    let variable: String
    var description: String { "\(variable) is not set: run scripts/test.sh, which starts the servers" }
}

func withRedisClient(
    _ url: String, timeout: Duration = .milliseconds(1500), trusting authority: String? = nil,
    _ body: (RedisClient) async throws -> Void
) async throws {
    let client = RedisClient(try RedisEndpoint(url: url), timeout: timeout, rootCertificates: authority)
    do {
        try await body(client)
    } catch {
        await client.close()
        throw error
    }
    await client.close()
}

/// A key of the test's own, since tests share the servers; nothing else bears its hash tag.
func freshKey() -> String { "{test-\(UInt64.random(in: 0 ... .max))}:key" }
