import Jobs
import MySQLBackend
import SQLBackend
import Testing

@Suite struct `MySQL steps that cross` {
    @Test func `both happen, where one had to give way to end a deadlock`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            try await database.run("CREATE TABLE counts (id INTEGER PRIMARY KEY, count INTEGER NOT NULL)")
            try await database.run("INSERT INTO counts VALUES (1, 0), (2, 0)")
            try await inParallel(4) { number in
                for _ in 0..<25 {
                    try await database.write { connection in
                        for id in number.isMultiple(of: 2) ? [1, 2] : [2, 1] {
                            try connection.execute(
                                "UPDATE counts SET count = count + 1 WHERE id = ?", with: [.integer(Int64(id))])
                        }
                    }
                }
            }
            #expect(try await database.value("SELECT SUM(count) FROM counts") == .integer(4 * 25 * 2))
        }
    }

    @Test func `find the other's row, where both looked for it in vain and made it`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            try await database.run("CREATE TABLE counts (id INTEGER PRIMARY KEY, count INTEGER NOT NULL)")
            for id in 0..<10 {
                try await inParallel(8) { _ in
                    try await database.write { connection in
                        let id = SQLValue.integer(Int64(id))
                        if try connection.query("SELECT 1 FROM counts WHERE id = ? FOR UPDATE", with: [id]).isEmpty {
                            try connection.execute("INSERT INTO counts VALUES (?, 1)", with: [id])
                        } else {
                            try connection.execute("UPDATE counts SET count = count + 1 WHERE id = ?", with: [id])
                        }
                    }
                }
            }
            #expect(try await database.value("SELECT COUNT(*) FROM counts WHERE count = 8") == .integer(10))
        }
    }

    @Test func `are done together or not at all, where they are one list without a transaction`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            try await database.run("CREATE TABLE kept (id INTEGER PRIMARY KEY)")
            let insert = { SQLStatement(text: "INSERT INTO kept VALUES (?)", values: [.integer($0)]) }
            let (good, bad) = ([insert(1), insert(2)], [insert(3), insert(2)])
            #expect(try await database.update { try $0.execute(each: good) } == [1, 1])
            await #expect(throws: SQLError.self) { try await database.update { try $0.execute(each: bad) } }
            #expect(try await database.value("SELECT COUNT(*) FROM kept") == .integer(2))
        }
    }

    @Test func `throw where a key is taken for good`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            try await database.run("CREATE TABLE kept (id INTEGER PRIMARY KEY)")
            try await database.run("INSERT INTO kept VALUES (1)")
            await #expect(throws: SQLError.self) {
                try await database.write { _ = try $0.execute("INSERT INTO kept VALUES (1)", with: []) }
            }
        }
    }
}

/// Runs `body` so many times side by side.
func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        try await group.waitForAll()
    }
}
