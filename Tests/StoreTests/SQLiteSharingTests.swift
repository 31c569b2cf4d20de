import Jobs
import SQLBackend
import SQLiteBackend
import SystemPackage
import Testing

/// Each database opens the file as a process of its own would: nothing is shared but the file.
@Suite struct `A SQLite file that several processes open` {
    @Test func `is made once, however many start at the same moment`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("store.db").string
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        let store = try await SQLJobStore(try await SQLiteDatabase(path: path))
                        _ = try await Scene(store: store, clock: TestClock()).insert()
                    }
                }
                try await group.waitForAll()
            }
            let store = try await SQLJobStore(try await SQLiteDatabase(path: path))
            #expect(try await store.files(after: nil, limit: 100).count == 8)
        }
    }

    @Test func `gives each job to one of them`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("store.db").string
            let first = try await SQLiteDatabase(path: path)
            let scene = Scene(store: try await SQLJobStore(first), clock: TestClock())
            let file = try await scene.insert()
            for quality in 1...90 { try await scene.submit(file, quality: quality) }
            let claimed = try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        let store = try await SQLJobStore(try await SQLiteDatabase(path: path))
                        let other = Scene(store: store, clock: scene.clock)
                        var mine: [JobID] = []
                        while true {
                            let jobs = try await store.claim(
                                .next(3, preferring: .normal), by: other.worker, lease: Scene.lease)
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

    @Test func `is left alone where a later version wrote it`() async throws {
        try await withTemporaryFolder { folder in
            let database = try await SQLiteDatabase(path: folder.appending("store.db").string)
            _ = try await SQLJobStore(database)
            try await database.write { connection in
                _ = try connection.execute("INSERT INTO schema_version (version) VALUES (99)", with: [])
            }
            await #expect(throws: SchemaTooNew.self) { _ = try await SQLJobStore(database) }
        }
    }

    @Test func `cannot be opened where there is no folder`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("nowhere").appending("store.db").string
            await #expect(throws: JobStoreError.self) { _ = try await SQLiteDatabase(path: path) }
        }
    }
}
