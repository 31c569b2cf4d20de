import Jobs
import PostgreSQLBackend
import SQLBackend
import Testing

@Suite struct `What goes to PostgreSQL and back` {
    @Test(arguments: [
        ("BIGINT", SQLValue.integer(.max)), ("BIGINT", .integer(.min)), ("SMALLINT", .integer(-7)), ("BIGINT", .null),
        ("DOUBLE PRECISION", .real(0.1)), ("DOUBLE PRECISION", .real(-.greatestFiniteMagnitude)),
        ("DOUBLE PRECISION", .real(.leastNonzeroMagnitude)), ("TEXT", .null), ("TEXT", .text("")),
        ("TEXT", .text("it's \"1\" ? $1 \\ Ünï 🐈\r\n")), ("TEXT", .text("\0")), ("TEXT", .text("\u{FFFF}0\0\u{FFFF}1")),
        ("TEXT", .text("e\u{301}\u{FFFF}\u{301}")), ("TEXT", .text(String(repeating: "x", count: 1 << 20))),
    ])
    func `is the same`(_ type: String, _ value: SQLValue) async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            let found = try await database.write { connection in
                _ = try connection.execute("CREATE TABLE kept (kept \(type))", with: [])
                try connection.executeLater(SQLStatement(text: "INSERT INTO kept VALUES (?)", values: [value]))
                return try connection.query("SELECT kept FROM kept", with: [])
            }
            #expect(found.map(\.values) == [[value]])
        }
    }

    @Test func `statements of one list are done in its order, and together`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            _ = try await database.write {
                try $0.execute("CREATE TABLE numbers (number BIGINT PRIMARY KEY)", with: [])
            }
            let insert = "INSERT INTO numbers VALUES (?)"
            let good = [1, 2, 3].map { SQLStatement(text: insert, values: [.integer($0)]) }
            let delete = SQLStatement(text: "DELETE FROM numbers WHERE number < 3")
            #expect(try await database.update { try $0.execute(each: good + [delete]) } == [1, 1, 1, 2])
            let bad = [4, 3].map { SQLStatement(text: insert, values: [.integer($0)]) }
            await #expect(throws: SQLError.self) { _ = try await database.update { try $0.execute(each: bad) } }
            let left = try await database.read { try $0.query("SELECT number FROM numbers", with: []) }
            #expect(left.map(\.values) == [[.integer(3)]])
        }
    }

    @Test func `statements are told apart, however many texts a connection has seen`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1, limits: .long)
            let texts = (0..<600).map { SQLStatement(text: "SELECT \($0)") }
            let (a, b) = ("SELECT ?::bigint + 1000", "SELECT ?::bigint + 2000")
            let last = [(a, 1), (b, 2), (a, 3)].map { SQLStatement(text: $0, values: [.integer($1)]) }
            let found = try await database.read { connection in
                _ = try connection.query(each: texts)
                return try connection.query(each: last).joined().map(\.values)
            }
            #expect(found == [[.integer(1001)], [.integer(2002)], [.integer(1003)]])
        }
    }

    @Test func `more statements than the sockets hold are answered all`() async throws {
        try await withPostgreSQL { address in
            let text = String(repeating: "x", count: 10_000)
            let statements = (0..<2_000).map { _ in SQLStatement(text: "SELECT ?", values: [.text(text)]) }
            let database = PostgreSQLDatabase(address, connections: 1)
            let found = try await database.exclusively { try $0.query(each: statements) }
            #expect(found.count == 2_000)
            #expect(found.allSatisfy { $0.map(\.values) == [[.text(text)]] })
        }
    }

    @Test func `the time is the server's, in a transaction and out of it`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            let step: @Sendable (any SQLConnection) throws -> (Timestamp, [SQLRow]) = { connection in
                (try connection.now, try connection.query("SELECT ?", with: [.now(plus: 5_000)]))
            }
            for (now, rows) in [try await database.read(step), try await database.write(step)] {
                // This machine's clock is the server's.
                #expect(abs((now - .now).seconds) < 60)
                guard case .integer(let later)? = rows.first?.values.first else {
                    Issue.record("no time came")
                    continue
                }
                #expect((5_000..<65_000).contains(later - now.milliseconds))
            }
        }
    }

    @Test(arguments: ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+asyncpg", "PostgreSQL"])
    func `URLs as other programs have them lead to the same database`(_ scheme: String) async throws {
        let url = try PostgreSQLServer.url()
        let rest = try #require(url.firstRange(of: "://"))
        let address = try PostgreSQLServer.address(scheme + url[rest.lowerBound...])
        try await PostgreSQLDatabase(address, connections: 1).read { _ = try $0.now }
    }

    @Test(arguments: ["", "mysql://a:b@c/d", "postgresql:/a", "postgresql://a:b@c:x/d?no_such_option=1"])
    func `other URLs are not understood`(_ url: String) {
        #expect(PostgreSQLAddress(url) == nil)
    }
}
