import Jobs
import MySQLBackend
import SQLBackend
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct `MySQL's plans` {
    @Test func `a claim walks along the index of ready jobs, and locks no more than it takes`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, limits: .long)
            let statements = Mutex<[SQLStatement]>([])
            let recording = RecordingDatabase(database: database) { statement in
                statements.withLock { $0.append(statement) }
            }
            let scene = Scene(store: try await SQLJobStore(recording), clock: TestClock())
            for picture in ["cat", "dog", "owl"] {
                let file = try await scene.insert(picture)
                for quality in 1...100 { try await scene.submit(file, quality: quality) }
            }
            try await database.run("ANALYZE TABLE jobs")
            statements.withLock { $0 = [] }
            // Nobody else claims, so that what is left out is nothing, and what is locked was asked for.
            let limit = 3
            _ = try await scene.store.claim(.next(limit, preferring: .normal), by: scene.worker, lease: Scene.lease)

            let selects = statements.withLock { $0 }.filter { $0.text.contains("SKIP LOCKED") }
            #expect(!selects.isEmpty)
            for select in selects {
                let (plan, locked) = try await database.write { connection in
                    let plan = try connection.query("EXPLAIN \(select.text)", with: select.values)
                    _ = try connection.query(select.text, with: select.values)
                    // What the server tells of its transactions may be as old as the last to ask, or a tenth of a second.
                    var locked: [SQLRow] = []
                    for _ in 1...50 where locked.isEmpty {
                        usleep(150_000)
                        locked = try connection.query(
                            """
                            SELECT trx_rows_locked FROM information_schema.innodb_trx
                            WHERE trx_mysql_thread_id = CONNECTION_ID()
                            """, with: [])
                    }
                    return (plan, locked)
                }
                let steps = plan.flatMap(\.values)
                #expect(steps.contains(.text("jobs_ready")))
                #expect(!steps.contains { "\($0)".contains("filesort") || "\($0)".contains("temporary") })
                // A row is locked in the index and in the table.
                let count = try #require(
                    locked.first.flatMap { row -> Int64? in
                        guard case .integer(let count)? = row.values.first else { return nil }
                        return count
                    })
                #expect(count <= Int64(2 * (limit + 1)))
            }
        }
    }
}
