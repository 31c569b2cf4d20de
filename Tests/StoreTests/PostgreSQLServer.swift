import Jobs
import PostgreSQLBackend
import SQLBackend
import TestServers
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The server of the tests, as `scripts/test.sh` starts it.
enum PostgreSQLServer {
    fileprivate static let places = Places(6)

    static func url() throws -> String {
        try #require(
            ProcessInfo.processInfo.environment["TEST_POSTGRESQL_URL"],
            "TEST_POSTGRESQL_URL must name a PostgreSQL database to test with: scripts/test.sh starts one")
    }

    /// The same server by way of another port of this machine.
    static func url(port: Int) throws -> String {
        var parts = try #require(URLComponents(string: try url()))
        parts.host = "127.0.0.1"
        parts.port = port
        return try #require(parts.string)
    }

    static func port() throws -> Int {
        try #require(URLComponents(string: try url())?.port, "TEST_POSTGRESQL_URL names no port")
    }

    static func address(_ url: String) throws -> PostgreSQLAddress {
        try #require(PostgreSQLAddress(url), "not a PostgreSQL URL")
    }

    /// Outside of any test's schema.
    static func database() throws -> PostgreSQLDatabase {
        PostgreSQLDatabase(try address(try url()), connections: 1, limits: .long)
    }
}

/// Lends a schema of its own, so that tests run side by side in one database.
///
/// - Parameter options: more of them for the server, as it is given them when it is started (`-cenable_seqscan=off`).
func withPostgreSQL<R>(options: String = "", _ body: (PostgreSQLAddress) async throws -> R) async throws -> R {
    let url = try PostgreSQLServer.url()
    return try await PostgreSQLServer.places.take { _ in
        let schema = "test_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        let server = try PostgreSQLServer.database()
        _ = try await server.write { try $0.execute("CREATE SCHEMA \(schema)", with: []) }
        let address = try PostgreSQLServer.address(
            "\(url)\(url.contains("?") ? "&" : "?")options=-csearch_path%3D\(schema)%20\(options)")
        let result: Result<R, any Error>
        do { result = .success(try await body(address)) } catch { result = .failure(error) }
        _ = try await server.exclusively { try $0.execute("DROP SCHEMA \(schema) CASCADE", with: []) }
        return try result.get()
    }
}
