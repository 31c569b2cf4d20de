import Jobs
import MySQLBackend
import SQLBackend
import Testing

@Suite struct `A MySQL connection` {
    @Test(arguments: [
        SQLValue.null, .integer(0), .integer(-1), .integer(.max), .integer(.min), .real(0.1), .real(-1e300),
        .real(0.1 + 0.2), .real(.pi), .real(5), .real(-.greatestFiniteMagnitude), .real(.leastNormalMagnitude),
        .text(""), .text("plain"), .text("Grüße, 世界 🐈‍⬛"), .text("a \\ b 'c' \"d\" % _ \n\0 e"), .text(" spaces "),
        .text("'"), .text("\\"), .text("\\' OR 1 = 1 -- "), .text("'\u{301}); DROP TABLE kept; -- ?"),
        .text(String(repeating: "ä🐈", count: 50_000)),
    ])
    func `gives back the value that it was given`(_ value: SQLValue) async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            let type =
                switch value {
                case .integer, .now: "BIGINT"
                case .real: "DOUBLE PRECISION"
                case .null, .text: "LONGTEXT"
                }
            try await database.run("CREATE TABLE kept (value \(type)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
            try await database.write { _ = try $0.execute("INSERT INTO kept VALUES (?)", with: [value]) }
            #expect(try await database.value("SELECT value FROM kept") == value)
            #expect(
                try await database.value("SELECT COUNT(*) FROM kept WHERE value = ?", [value])
                    == .integer(value == .null ? 0 : 1))
        }
    }

    @Test func `says as much as it takes, in pieces that the server accepts`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            try await database.run("CREATE TABLE kept (id INTEGER PRIMARY KEY, text LONGTEXT)")
            let text = SQLValue.text(String(repeating: "'", count: 700_000))
            let inserts = (0..<20).map { id in
                SQLStatement(text: "INSERT INTO kept VALUES (?, ?)", values: [.integer(id), text])
            }
            #expect(try await database.update { try $0.execute(each: inserts) } == inserts.map { _ in 1 })
            #expect(try await database.value("SELECT COUNT(*) FROM kept WHERE text = ?", [text]) == .integer(20))
        }
    }

    @Test func `reads rows of several columns and many lengths in order`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            try await database.run("CREATE TABLE kept (id INTEGER PRIMARY KEY, part SMALLINT, text LONGTEXT)")
            let rows = (0..<200).map { index in
                SQLRow([
                    .integer(Int64(index)), index % 3 == 0 ? .null : .integer(-Int64(index)),
                    index % 5 == 0 ? .null : .text(String(repeating: "x", count: index * index)),
                ])
            }
            try await database.write { connection in
                for row in rows { try connection.execute("INSERT INTO kept VALUES (?, ?, ?)", with: row.values) }
            }
            #expect(try await database.read { try $0.query("SELECT * FROM kept ORDER BY id", with: []) } == rows)
            #expect(try await database.value("SELECT SUM(part) FROM kept WHERE id < 3") == .integer(-3))
        }
    }

    @Test func `counts the rows that were found, even where nothing changed`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            try await database.run("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT)")
            try await database.run("INSERT INTO kept VALUES (1, 'a'), (2, 'a'), (3, 'b')")
            let found = try await database.write {
                try $0.execute("UPDATE kept SET text = ? WHERE text = ?", with: [.text("a"), .text("a")])
            }
            #expect(found == 2)
        }
    }

    @Test func `compares texts by their bytes, and backslashes as they are`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            let row = try await database.read { connection in
                try connection.query("SELECT ? = 'A', ? = 'e', 'a\\' || 'b'", with: [.text("a"), .text("é")])
            }
            #expect(row == [SQLRow([.integer(0), .integer(0), .text("a\\b")])])
        }
    }

    @Test func `leaves nothing of a step that throws`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, connections: 1, limits: .long)
            try await database.run("CREATE TABLE kept (id INTEGER PRIMARY KEY)")
            await #expect(throws: JobStoreError.unknown) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO kept VALUES (1)", with: [])
                    throw JobStoreError.unknown
                }
            }
            await #expect(throws: SQLError.self) {
                try await database.write { _ = try $0.execute("INSERT INTO nothing VALUES (1)", with: []) }
            }
            #expect(try await database.value("SELECT COUNT(*) FROM kept") == .integer(0))
        }
    }

    @Test func `has the server add its clock to a parameter that asks for it`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            let before = Timestamp.now
            let step: @Sendable (any SQLConnection) throws -> [SQLRow] = {
                try $0.query("SELECT ? - ?", with: [.now(plus: 5_000), .integer(before.milliseconds)])
            }
            for rows in [
                try await database.read(step), try await database.update(step), try await database.write(step),
            ] {
                guard case .integer(let ahead)? = rows.first?.values.first else { throw NothingReady() }
                #expect(5_000...5_000 + (Timestamp.now - before).milliseconds ~= ahead)
            }
        }
    }

    @Test func `knows the server's time, to the millisecond`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            // The server of the tests runs on this machine.
            for _ in 0..<5 {
                let before = Timestamp.now
                let (written, read) = (try await database.write { try $0.now }, try await database.read { try $0.now })
                let after = Timestamp.now
                #expect(before <= written && written <= read && read <= after)
            }
        }
    }
}

@Suite struct `A MySQL statement's text` {
    @Test(arguments: [
        (SQLValue.null, "NULL"), (.integer(-7), "-7"), (.integer(.min), "-9223372036854775808"), (.real(5), "5.0e0"),
        (.real(1e-300), "1e-300"), (.text(""), "''"), (.text("it's"), "'it''s'"), (.text("\\'"), "'\\'''"),
        (.text("'\u{301}🐈‍⬛\0"), "'''\u{301}🐈‍⬛\0'"), (.text("?"), "'?'"), (.text("'; --"), "'''; --'"),
        (.now(plus: -5), "995"),
    ])
    func `holds its values, each in its place`(_ value: SQLValue, _ written: String) {
        let statement = SQLStatement(text: "SELECT ?, ?", values: [value, .integer(1)])
        let text = MySQLStatementText(statement, now: Timestamp(milliseconds: 1000))
        #expect(text.map { String(decoding: $0.bytes, as: UTF8.self) } == "SELECT \(written), 1")
    }

    @Test(arguments: [0, 1, 3])
    func `is none where there are more or fewer values than places`(_ count: Int) {
        let values = Array(repeating: SQLValue.text("?"), count: count)
        #expect(MySQLStatementText(SQLStatement(text: "SELECT ?, ?", values: values)) == nil)
    }
}
