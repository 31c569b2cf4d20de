import Jobs
import PostgreSQLBackend
import SQLBackend
import Testing

/// Each database has connections of its own, as a process would: nothing is shared but the server.
@Suite struct `A PostgreSQL database that several processes share` {
    @Test func `is made once, however many start at the same moment`() async throws {
        try await withPostgreSQL { address in
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        let store = try await SQLJobStore(PostgreSQLDatabase(address, connections: 1))
                        _ = try await Scene(store: store, clock: TestClock()).insert()
                    }
                }
                try await group.waitForAll()
            }
            let store = try await SQLJobStore(PostgreSQLDatabase(address, connections: 1))
            #expect(try await store.files(after: nil, limit: 100).count == 8)
        }
    }

    @Test func `gives each job to one of them`() async throws {
        try await withPostgreSQL { address in
            let first = PostgreSQLDatabase(address, connections: 2)
            let scene = Scene(store: try await SQLJobStore(first), clock: TestClock())
            let file = try await scene.insert()
            for quality in 1...90 {
                let priority = Priority.allCases[quality % 3]
                var job = try scene.job(for: file, quality: quality)
                job.priority = priority
                _ = try await scene.store.submit(job, key: nil)
            }
            let claimed = try await withThrowingTaskGroup { group in
                for _ in 0..<6 {
                    group.addTask {
                        let store = try await SQLJobStore(PostgreSQLDatabase(address, connections: 1))
                        let other = Scene(store: store, clock: scene.clock)
                        var mine: [JobID] = []
                        while true {
                            let jobs = try await store.claim(
                                .next(3, preferring: .drawn()), by: other.worker, lease: Scene.lease)
                            if jobs.isEmpty { return mine }
                            for job in jobs {
                                try await other.finish(Claim(job: job.id, worker: other.worker, fence: job.fence))
                            }
                            mine += jobs.map(\.id)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 90)
            #expect(Set(claimed).count == 90)
            #expect(try await scene.store.jobs(in: .done, after: nil, limit: 100).count == 90)
            try await expectCountsToAddUp(in: first)
        }
    }

    /// Few results that many want, so that leaders end, fail and are canceled beside those who come to follow them.
    @Test func `ends each job once, whatever is said of it at the same moment`() async throws {
        try await withPostgreSQL { address in
            let clock = TestClock()
            let database = PostgreSQLDatabase(address, connections: 8, limits: .long) { clock.now }
            let scene = Scene(store: try await SQLJobStore(database), clock: clock)
            let storm = Storm(scene: scene)
            try await storm.rage()
            for state in [Job.State.queued, .processing] {
                #expect(try await scene.store.jobs(in: state, after: nil, limit: 10).isEmpty)
            }
            #expect(try await !scene.store.jobs(in: .done, after: nil, limit: 10).isEmpty)
            try await expectCountsToAddUp(in: database)
        }
    }

    @Test func `is left alone where a later version wrote it`() async throws {
        try await withPostgreSQL { address in
            let database = PostgreSQLDatabase(address, connections: 1)
            _ = try await SQLJobStore(database)
            _ = try await database.write {
                try $0.execute("INSERT INTO schema_version (version) VALUES (99)", with: [])
            }
            await #expect(throws: SchemaTooNew.self) { _ = try await SQLJobStore(database) }
        }
    }
}
