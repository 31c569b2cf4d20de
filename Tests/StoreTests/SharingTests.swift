import Jobs
import MySQLBackend
import PostgreSQLBackend
import SQLBackend
import SQLiteBackend
import SystemPackage
import Testing

/// Each process has connections of its own: nothing is shared but the place.
@Suite struct `A database that several processes share` {
    @Test(arguments: Place.Kind.allCases)
    func `has its tables made once, however many start at the same moment`(_ kind: Place.Kind) async throws {
        try await Place.with(kind) { place in
            try await inParallel(8) { _ in _ = try await place.scene().insert() }
            #expect(try await place.scene().store.files(after: nil, limit: 100).count == 8)
        }
    }

    @Test(arguments: Place.Kind.allCases)
    func `gives each job to one worker, loses none, and counts right, however they cross`(
        _ kind: Place.Kind
    ) async throws {
        try await Place.with(kind) { place in
            let scene = try await place.scene()
            let common = try await scene.insert("common")
            let claimed = try await withThrowingTaskGroup { group in
                for number in 0..<8 {
                    group.addTask {
                        let other = try await place.scene()
                        return try await work(other, on: [common, try await other.insert("own of \(number)")])
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(claimed).count == claimed.count)
            let done = try await scene.store.jobs(JobFilter(state: .done), after: nil, limit: 1000)
            #expect(done.count == 8 * 2 * 20)
            // Those for the common picture followed others, or came when the result was there.
            #expect(done.filter { !$0.isCached }.count == claimed.count)
            try await expectCountsToAddUp(in: place.open(1))
        }
    }

    /// Few results that many want, so that leaders end, fail and are canceled beside those who come to follow them.
    @Test(arguments: Place.Kind.allCases)
    func `ends each job once, whatever is said of it at the same moment`(_ kind: Place.Kind) async throws {
        try await Place.with(kind) { place in
            let scene = try await place.scene(connections: 8)
            try await Storm(scene: scene).rage()
            for state in [Job.State.queued, .processing] {
                #expect(try await scene.store.jobs(JobFilter(state: state), after: nil, limit: 10).isEmpty)
            }
            #expect(try await !scene.store.jobs(JobFilter(state: .done), after: nil, limit: 10).isEmpty)
            try await expectCountsToAddUp(in: place.open(1))
        }
    }

    @Test(arguments: Place.Kind.allCases)
    func `is left alone where a later version wrote it`(_ kind: Place.Kind) async throws {
        try await Place.with(kind) { place in
            let database = try await place.open(1)
            _ = try await SQLJobStore(database)
            _ = try await database.write {
                try $0.execute("INSERT INTO schema_version (version) VALUES (99)", with: [])
            }
            await #expect(throws: SchemaTooNew.self) { _ = try await SQLJobStore(database) }
        }
    }

    @Test func `cannot be opened where there is no folder for its file`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("nowhere").appending("store.db").string
            await #expect(throws: JobStoreError.self) { _ = try await SQLiteDatabase(path: path) }
        }
    }

    @Test func `has its tables finished by the next, where one died while it made them in MySQL`() async throws {
        try await MySQLServer.withDatabase { address in
            _ = try await SQLJobStore(MySQLDatabase(address, limits: .long))
            // As if it had come as far as the index, and not to the end.
            let database = MySQLDatabase(address, limits: .long)
            try await database.run("DELETE FROM schema_version")
            try await database.run("DROP TABLE workers")
            try await database.run("DROP INDEX expired_age ON expired")
            let store = try await SQLJobStore(database)
            #expect(try await store.workers(seenWithin: .seconds(1)).isEmpty)
            let index = try await database.value("SHOW INDEX FROM expired WHERE Key_name = 'expired_age'")
            #expect(index != nil)
        }
    }
}

/// Where processes find their database, which has no tables yet.
struct Place: Sendable {
    enum Kind: CaseIterable, Sendable {
        case sqlite
        case postgresql
        case mysql
    }

    let clock: TestClock
    /// Opens the database as a process of its own would, with so many connections.
    let open: @Sendable (_ connections: Int) async throws -> any SQLDatabase

    func scene(connections: Int = 1) async throws -> Scene {
        Scene(store: try await SQLJobStore(open(connections)), clock: clock)
    }

    static func with(_ kind: Kind, _ body: (Place) async throws -> Void) async throws {
        let clock = TestClock()
        switch kind {
        case .sqlite:
            try await withTemporaryFolder { folder in
                let path = folder.appending("store.db").string
                try await body(
                    Place(clock: clock) { _ in try await SQLiteDatabase(path: path, isSynced: false) { clock.now } })
            }
        case .postgresql:
            try await withPostgreSQL { address in
                try await body(
                    Place(clock: clock) { connections in
                        PostgreSQLDatabase(address, connections: connections, limits: .long) { clock.now }
                    })
            }
        case .mysql:
            try await MySQLServer.withDatabase { address in
                try await body(
                    Place(clock: clock) { connections in
                        MySQLDatabase(address, connections: connections, limits: .long) { clock.now }
                    })
            }
        }
    }
}

/// Submits jobs for these pictures, and works on whatever is ready until nothing is.
private func work(_ scene: Scene, on files: [StoredFile]) async throws -> [JobID] {
    var claimed: [JobID] = []
    for quality in 1...20 {
        for file in files {
            var job = try scene.job(for: file, quality: quality)
            job.priority = Priority.allCases[quality % 3]
            _ = try await scene.store.submit(job, key: nil)
        }
        claimed += try await finishReady(scene)
    }
    while true {
        let more = try await finishReady(scene)
        if more.isEmpty { return claimed }
        claimed += more
    }
}

private func finishReady(_ scene: Scene) async throws -> [JobID] {
    let jobs = try await scene.store.claim(.next(2, preferring: .drawn()), by: scene.worker, lease: Scene.lease)
    for job in jobs { try await scene.finish(Claim(job: job.id, worker: scene.worker, fence: job.fence)) }
    return jobs.map(\.id)
}
