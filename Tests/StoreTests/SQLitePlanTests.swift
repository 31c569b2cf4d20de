import Jobs
import SQLBackend
import SQLiteBackend
import Synchronization
import SystemPackage
import Testing

@Suite struct `SQLite's plans` {
    @Test func `no statement of the store reads a whole table, or sorts`() async throws {
        try await withTemporaryFolder { folder in
            let clock = TestClock()
            let database = try await SQLiteDatabase(path: folder.appending("store.db").string) { clock.now }
            let statements = Mutex<Set<String>>([])
            let store = try await SQLJobStore(
                RecordingDatabase(database: database) { statement in
                    statements.withLock { _ = $0.insert(statement.text) }
                })
            try await Scene(store: store, clock: clock).useEverything()

            let found = statements.withLock { $0 }.filter { statement in
                ["jobs", "files", "batch", "history", "pauses"].contains { statement.contains($0) }
            }
            #expect(found.count > 30)
            for statement in found where !statement.hasPrefix("CREATE") {
                for step in try await plan(of: statement, in: database) {
                    #expect(!isCostly(step), "\(step) in \(statement)")
                }
            }
        }
    }

    /// A scan in an index's order ends at the statement's limit, and a partial index holds few rows; anything else reads all.
    private func isCostly(_ step: String) -> Bool {
        // The few are what a statement has selected itself.
        let readsFew = step.contains("CONSTANT ROW") || step == "SCAN few"
        let readsAll = step.hasPrefix("SCAN") && !step.contains("INDEX") && !readsFew
        return readsAll || step.contains("TEMP B-TREE")
    }

    private func plan(of statement: String, in database: SQLiteDatabase) async throws -> [String] {
        try await database.read { connection in
            try connection.query("EXPLAIN QUERY PLAN \(statement)", with: []).compactMap { row in
                guard case .text(let step)? = row.values.last else { return nil }
                return step
            }
        }
    }
}
