import Jobs
import PostgreSQLBackend
import SQLBackend
import Synchronization
import Testing

@Suite struct `PostgreSQL's plans` {
    @Test func `no statement of the store has to read a whole table`() async throws {
        try await withPostgreSQL { address in
            let clock = TestClock()
            let database = PostgreSQLDatabase(address, connections: 1) { clock.now }
            let found = Mutex<Set<SQLStatement>>([])
            let store = try await SQLJobStore(
                RecordingDatabase(database: database) { statement in found.withLock { _ = $0.insert(statement) } })
            try await Scene(store: store, clock: clock).useEverything()

            let statements = found.withLock { $0 }
            #expect(Set(statements.map(\.text)).count > 40)
            for statement in statements where !statement.text.contains("workers") {
                let plan = try await plan(of: statement, in: database)
                #expect(!plan.contains("Seq Scan on"), "\(statement.text)\n\(plan)")
            }
        }
    }

    @Test func `ready jobs are found by their index, however many there are`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            let claims = Mutex<[SQLStatement]>([])
            let store = try await SQLJobStore(
                RecordingDatabase(database: database) { statement in claims.withLock { $0.append(statement) } })
            try await database.insertReadyJobs(20_000)
            claims.withLock { $0 = [] }
            for request in [ClaimRequest.next(4, preferring: .normal), .these([JobID(), JobID()])] {
                _ = try await store.claim(request, by: WorkerID(), lease: Scene.lease)
            }
            let plans = try await claims.withLock { $0 }.asyncMap { try await plan(of: $0, in: database) }
            #expect(plans.count == 2)
            #expect(plans[0].contains("Index Scan using jobs_ready on jobs"))
            for plan in plans {
                #expect(!plan.contains("Seq Scan on jobs"), "\(plan)")
                // Nothing is put in order that the index does not have in order already: only what was picked.
                #expect(plan.split(separator: "\n").filter { $0.contains("Sort  (") }.count <= 1, "\(plan)")
            }
        }
    }

    private func plan(of statement: SQLStatement, in database: PostgreSQLDatabase) async throws -> String {
        let rows = try await database.read { try $0.query("EXPLAIN \(statement.text)", with: statement.values) }
        return rows.map { row in
            guard case .text(let line)? = row.values.first else { return "" }
            return line
        }.joined(separator: "\n")
    }
}

extension PostgreSQLDatabase {
    /// Fills the store with jobs of all classes that may be claimed, and lets the server look at them.
    func insertReadyJobs(_ count: Int) async throws {
        try await exclusively { connection in
            _ = try connection.execute(
                """
                INSERT INTO jobs (id, file_id, source_key, task, cache_key, public_url, priority, created_at, state,
                    progress, attempts, crashes, fence, ready_at, lead_key, is_cached, kind)
                SELECT id, id, 'originals/' || id, '{"steps":[]}', md5(id), '', number % 3, 1, 'queued', 0, 0, 0, 0, number,
                    md5(id), 0, 'process'
                FROM (
                    SELECT number, '00000000-0000-7000-8000-' || lpad(number::text, 12, '0') AS id
                    FROM generate_series(1, \(count)) AS number
                ) AS made
                """, with: [])
        }
        try await exclusively { _ = try $0.execute("ANALYZE jobs", with: []) }
    }
}

extension [SQLStatement] {
    fileprivate func asyncMap<R>(_ transform: (SQLStatement) async throws -> R) async rethrows -> [R] {
        var results: [R] = []
        for statement in self { results.append(try await transform(statement)) }
        return results
    }
}
