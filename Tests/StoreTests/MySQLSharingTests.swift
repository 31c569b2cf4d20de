import Jobs
import MySQLBackend
import SQLBackend
import Testing

/// Each database has connections of its own, as a process would: nothing is shared but the server.
@Suite struct `A MySQL database that several processes use` {
    @Test func `has its tables made once, however many start at the same moment`() async throws {
        try await MySQLServer.withDatabase { address in
            try await inParallel(6) { _ in
                let store = try await SQLJobStore(MySQLDatabase(address, connections: 1, patience: .long))
                _ = try await Scene(store: store, clock: TestClock()).insert()
            }
            let store = try await SQLJobStore(MySQLDatabase(address, patience: .long))
            #expect(try await store.files(after: nil, limit: 100).count == 6)
        }
    }

    @Test func `has its tables finished by the next, where one died while it made them`() async throws {
        try await MySQLServer.withDatabase { address in
            _ = try await SQLJobStore(MySQLDatabase(address, patience: .long))
            // As if it had come as far as the index, and not to the end.
            let database = MySQLDatabase(address, patience: .long)
            try await database.run("DELETE FROM schema_version")
            try await database.run("DROP TABLE workers")
            try await database.run("DROP INDEX expired_age ON expired")
            let store = try await SQLJobStore(database)
            #expect(try await store.workers(seenWithin: .seconds(1)).isEmpty)
            let index = try await database.value("SHOW INDEX FROM expired WHERE Key_name = 'expired_age'")
            #expect(index != nil)
        }
    }

    @Test func `gives each job to one worker, loses none, and counts right, however they cross`() async throws {
        try await MySQLServer.withEmptyTables { address in
            let database = MySQLDatabase(address, patience: .long)
            let scene = Scene(store: try await SQLJobStore(database), clock: TestClock())
            let common = try await scene.insert("common")
            let claimed = try await withThrowingTaskGroup { group in
                for number in 0..<8 {
                    group.addTask {
                        let store = try await SQLJobStore(MySQLDatabase(address, connections: 1, patience: .long))
                        let other = Scene(store: store, clock: scene.clock)
                        return try await work(other, on: [common, try await other.insert("own of \(number)")])
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(claimed).count == claimed.count)
            let done = try await scene.store.jobs(in: .done, after: nil, limit: 1000)
            #expect(done.count == 8 * 2 * 20)
            // Those for the common picture followed others, or came when the result was there.
            #expect(done.filter { !$0.isCached }.count == claimed.count)
            try await expectCountsToAddUp(in: database)
        }
    }

    @Test func `ends each job once, whatever is said of it at the same moment`() async throws {
        try await MySQLServer.withEmptyTables { address in
            let clock = TestClock()
            let database = MySQLDatabase(address, connections: 8, patience: .long) { clock.now }
            let scene = Scene(store: try await SQLJobStore(database), clock: clock)
            try await Storm(scene: scene).rage()
            for state in [Job.State.queued, .processing] {
                #expect(try await scene.store.jobs(in: state, after: nil, limit: 10).isEmpty)
            }
            #expect(try await !scene.store.jobs(in: .done, after: nil, limit: 10).isEmpty)
            try await expectCountsToAddUp(in: database)
        }
    }

    @Test func `is left alone where a later version wrote it`() async throws {
        try await MySQLServer.withDatabase { address in
            let database = MySQLDatabase(address, connections: 1, patience: .long)
            _ = try await SQLJobStore(database)
            try await database.run("INSERT INTO schema_version (version) VALUES (99)")
            await #expect(throws: SchemaTooNew.self) { _ = try await SQLJobStore(database) }
        }
    }
}

/// Submits jobs for these pictures, and works on whatever is ready until nothing is.
private func work(_ scene: Scene, on files: [StoredFile]) async throws -> [JobID] {
    var claimed: [JobID] = []
    for quality in 1...20 {
        for file in files { try await scene.submit(file, quality: quality) }
        claimed += try await finishReady(scene)
    }
    while true {
        let more = try await finishReady(scene)
        if more.isEmpty { return claimed }
        claimed += more
    }
}

private func finishReady(_ scene: Scene) async throws -> [JobID] {
    let jobs = try await scene.store.claim(.next(2, preferring: .normal), by: scene.worker, lease: Scene.lease)
    for job in jobs { try await scene.finish(Claim(job: job.id, worker: scene.worker, fence: job.fence)) }
    return jobs.map(\.id)
}
