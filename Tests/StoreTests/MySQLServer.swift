import FoundationEssentials
import Jobs
import MySQLBackend
import SQLBackend
import Synchronization
import TestServers
import Testing

/// The MySQL or MariaDB server of the tests, as `scripts/test.sh` starts it, whose user may make databases.
enum MySQLServer {
    private static let places = Places(4)
    private static let placesWithTables = Mutex<Set<Int>>([])

    static func address() throws -> MySQLAddress { try MySQLAddress(try variable("TEST_MYSQL_URL")) }

    static func variable(_ name: String) throws -> String {
        try #require(
            ProcessInfo.processInfo.environment[name], "\(name) must be set for the tests: scripts/test.sh does it")
    }

    /// Lends a database with nothing in it.
    static func withDatabase(_ body: (MySQLAddress) async throws -> Void) async throws {
        let server = try address()
        try await places.take { place in
            let database = MySQLDatabase(server, connections: 1, limits: .long)
            try await database.run("DROP DATABASE IF EXISTS test_bare_\(place)")
            try await database.run("CREATE DATABASE test_bare_\(place)")
            var address = server
            address.database = "test_bare_\(place)"
            try await body(address)
        }
    }

    /// Lends a database whose tables are there, and empty: much sooner had than new ones.
    static func withEmptyTables(_ body: (MySQLAddress) async throws -> Void) async throws {
        let server = try address()
        try await places.take { place in
            var address = server
            address.database = "test_tables_\(place)"
            if placesWithTables.withLock({ $0.insert(place).inserted }) {
                let database = MySQLDatabase(server, connections: 1, limits: .long)
                try await database.run("DROP DATABASE IF EXISTS test_tables_\(place)")
                try await database.run("CREATE DATABASE test_tables_\(place)")
                _ = try await SQLJobStore(MySQLDatabase(address, connections: 1, limits: .long))
            }
            try await MySQLDatabase(address, connections: 1, limits: .long).empty()
            try await body(address)
        }
    }
}

extension MySQLDatabase {
    /// Runs a statement that has no parameters and may take long.
    func run(_ statement: String) async throws {
        try await exclusively { _ = try $0.execute(statement, with: []) }
    }

    /// The first value of a statement's first row.
    func value(_ statement: String, _ values: [SQLValue] = []) async throws -> SQLValue? {
        try await read { try $0.query(statement, with: values).first?.values.first }
    }

    fileprivate func empty() async throws {
        try await exclusively { connection in
            let tables = try connection.query(
                """
                SELECT table_name FROM information_schema.tables
                WHERE table_schema = DATABASE() AND table_name <> 'schema_version'
                """, with: [])
            try connection.execute("SET SESSION foreign_key_checks = 0", with: [])
            for case .text(let table)? in tables.map(\.values.first) {
                try connection.execute("DELETE FROM \(table)", with: [])
            }
        }
    }
}
