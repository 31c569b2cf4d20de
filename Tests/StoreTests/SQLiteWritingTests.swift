import Dispatch
import Jobs
import SQLBackend
import SQLiteBackend
import SystemPackage
import Testing

@Suite struct `Writing to SQLite` {
    typealias Step = @Sendable (any SQLConnection) throws -> Void

    @Test func `steps that wait together are committed together`() async throws {
        try await withNumbers { database in
            let outcomes = try await outcomes(of: [insert(1), insert(2), insert(3)], in: database)
            #expect(outcomes.map(\.isSuccess) == [true, true, true])
            #expect(try await numbers(in: database) == [1, 2, 3])
        }
    }

    @Test(arguments: [(true, Int64(2)), (false, 1)])
    func `a commit waits for the disk where it is told to`(_ isSynced: Bool, _ mode: Int64) async throws {
        try await withTemporaryFolder { folder in
            let database = try await SQLiteDatabase(path: folder.appending("store.db").string, isSynced: isSynced)
            // https://sqlite.org/pragma.html#pragma_synchronous: 2 is FULL, 1 is NORMAL.
            let found = try await database.write { try $0.query("PRAGMA synchronous", with: []) }
            #expect(found.first?.values.first == .integer(mode))
        }
    }

    @Test func `a step that fails harms no other, and leaves nothing behind`() async throws {
        try await withNumbers { database in
            let failing: Step = { connection in
                try insert(2)(connection)
                try insert(-1)(connection)
            }
            let outcomes = try await outcomes(of: [insert(1), failing, insert(3)], in: database)
            #expect(outcomes.map(\.isSuccess) == [true, false, true])
            #expect(try await numbers(in: database) == [1, 3])
        }
    }

    @Test func `a step that takes the whole transaction with it fails alone`() async throws {
        try await withNumbers { database in
            // As SQLite does of its own accord where the disk is full or broken.
            let fatal: Step = { connection in
                try insert(2)(connection)
                _ = try connection.execute("ROLLBACK", with: [])
                throw JobStoreError.full
            }
            let outcomes = try await outcomes(of: [insert(1), fatal, insert(3)], in: database)
            #expect(outcomes.map(\.isSuccess) == [true, false, true])
            #expect(try await numbers(in: database) == [1, 3])
        }
    }

    @Test func `more steps than may wait are refused at once`() async throws {
        try await withNumbers(waitingLimit: 2) { database in
            let outcomes = try await outcomes(of: [insert(1), insert(2), insert(3)], in: database)
            #expect(outcomes.map(\.isSuccess) == [true, true, false])
            #expect(try await numbers(in: database) == [1, 2])
        }
    }

    @Test func `a read sees what was written before it`() async throws {
        try await withNumbers { database in
            for number in 1...20 {
                try await database.write(insert(Int64(number)))
                #expect(try await numbers(in: database).count == number)
            }
        }
    }

    @Test func `a file that another process holds is unavailable for as long, and no longer`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("store.db").string
            let store = try await SQLJobStore(try await SQLiteDatabase(path: path))
            let scene = Scene(store: store, clock: TestClock())
            let other = try await SQLiteDatabase(path: path)
            let begin = ContinuousClock.now
            try await holding(other) {
                await withTaskGroup { group in
                    for index in 0..<8 {
                        group.addTask {
                            await #expect {
                                try await scene.insert("\(index)")
                            } throws: { error in
                                guard case .unavailable? = error as? JobStoreError else { return false }
                                return true
                            }
                        }
                    }
                }
            }
            // The one second that SQLite waits for the lock, for all of them together, and room for a busy machine.
            #expect(ContinuousClock.now - begin < .seconds(6))
            _ = try await scene.insert()
        }
    }
}

extension `Writing to SQLite` {
    /// Lends a database with a table of positive numbers.
    private func withNumbers(waitingLimit: Int = 100, _ body: (SQLiteDatabase) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("numbers.db").string
            let database = try await SQLiteDatabase(path: path, waitingLimit: waitingLimit)
            try await database.write { connection in
                _ = try connection.execute(
                    "CREATE TABLE numbers (number INTEGER PRIMARY KEY CHECK (number > 0))", with: [])
            }
            try await body(database)
        }
    }

    private func insert(_ number: Int64) -> Step {
        { _ = try $0.execute("INSERT INTO numbers VALUES (?)", with: [.integer(number)]) }
    }

    private func numbers(in database: SQLiteDatabase) async throws -> [Int64] {
        try await database.read { connection in
            try connection.query("SELECT number FROM numbers ORDER BY number", with: []).compactMap { row in
                guard case .integer(let number)? = row.values.first else { return nil }
                return number
            }
        }
    }

    /// Makes steps wait behind one that is held, so that they come to one commit, and tells how each ended.
    private func outcomes(of steps: [Step], in database: SQLiteDatabase) async throws -> [Result<Void, any Error>] {
        try await withThrowingTaskGroup(of: (Int, Result<Void, any Error>).self) { group in
            try await holding(database) {
                for (index, step) in steps.enumerated() {
                    // An immediate task waits in the queue by the time that it is added.
                    group.addImmediateTask {
                        do {
                            try await database.write(step)
                            return (index, .success(()))
                        } catch {
                            return (index, .failure(error))
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Holds the database's writer, within a transaction, for as long as `body` runs.
    private func holding(_ database: SQLiteDatabase, _ body: () async throws -> Void) async throws {
        let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let held: Void = database.write { _ in
            begun.signal()
            gate.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                begun.wait()
                continuation.resume()
            }
        }
        defer { gate.signal() }
        try await body()
        gate.signal()
        try await held
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        switch self {
        case .success: true
        case .failure: false
        }
    }
}
