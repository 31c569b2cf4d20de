import Jobs
import MySQLBackend
import SQLBackend
import TestServers
import Testing

/// Against a script, since MariaDB stands in for MySQL elsewhere and lacks its default way to log in.
@Suite struct `A MySQL 8 server` {
    @Test func `lets in who knows the password, by caching_sha2_password`() async throws {
        try await withServer("8.0.36") { address in
            let isIn = try await MySQLDatabase(address).read { _ in true }
            #expect(isIn)
            var stranger = address
            stranger.password = "wrong"
            let database = MySQLDatabase(stranger)
            await expectUnavailable(within: .seconds(10)) { try await database.read { _ in } }
        }
    }

    @Test func `is not let have a password where TLS is required and it has none`() async throws {
        try await withServer("8.0.36") { address in
            var address = address
            address.tls.mode = .required
            let database = MySQLDatabase(address)
            await #expect(throws: JobStoreError.self) { try await database.read { _ in true } }
        }
    }

    @Test(arguments: ["5.7.44", "8.0.0", "5.5.5-10.5.23-MariaDB"])
    func `is refused where it cannot skip locked rows`(_ version: String) async throws {
        try await withServer(version) { address in
            let database = MySQLDatabase(address)
            await #expect(throws: UnsuitableServer.self) { try await database.read { _ in true } }
        }
    }

    @Test(arguments: ["8.0.1", "9.4.0", "5.5.5-10.6.0-MariaDB", "11.8.2-MariaDB"])
    func `is taken where it can`(_ version: String) async throws {
        try await withServer(version) { address in
            let isIn = try await MySQLDatabase(address).read { _ in true }
            #expect(isIn)
        }
    }

    private func withServer(_ version: String, _ body: (MySQLAddress) async throws -> Void) async throws {
        let server = try await ScriptedMySQLServer.start(version: version, password: "secret")
        try await body(try MySQLAddress("mysql://ann:secret@127.0.0.1:\(server.port)/pictures"))
        try await server.stop()
    }
}
