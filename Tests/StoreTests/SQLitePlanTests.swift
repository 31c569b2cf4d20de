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
                    statements.withLock { _ = $0.insert(statement) }
                })
            try await useEverything(Scene(store: store, clock: clock))

            let found = statements.withLock { $0 }.filter { $0.contains("jobs") || $0.contains("files") }
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
        let readsAll = step.hasPrefix("SCAN") && !step.contains("INDEX") && step != "SCAN CONSTANT ROW"
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

    /// Says everything to a store that can be said.
    private func useEverything(_ scene: Scene) async throws {
        let store = scene.store
        let file = try await scene.insert()
        _ = try await scene.insert()
        _ = try await store.file(file.id)
        _ = try await store.files(after: nil, limit: 10)
        _ = try await store.files(after: file.id, limit: 10)
        let key = IdempotencyKey(key: "k", fingerprint: "f")
        for _ in 1...2 { try await scene.submit(file, quality: 1, key: key) }
        let follower = try await scene.submit(file, quality: 1)
        let claim = try await scene.claim()
        _ = try await store.renew([claim], lease: Scene.lease)
        try await store.report(progress: 0.5, of: claim)
        try await store.retry(claim, because: Scene.trouble, after: .zero)
        try await store.release([scene.claim()])
        _ = try await store.claim(.these([claim.job]), by: scene.worker, lease: .zero)
        _ = try await scene.reclaim()
        try await scene.finish(scene.claim())
        let failed = try await scene.submit(file, quality: 2)
        try await scene.fail(scene.claim())
        _ = try await store.retryFailed(failed.id)
        _ = try await store.crashed(scene.claim(), limit: 1, failure: Scene.failure, expiresAt: scene.clock.now)
        let canceled = try await scene.submit(file, quality: 3)
        _ = try await scene.submit(file, quality: 3)
        _ = try await store.cancel(canceled.id)
        for state in [nil, Job.State.done] {
            _ = try await store.jobs(in: state, after: nil, limit: 10)
            _ = try await store.jobs(in: state, after: follower.id, limit: 10)
        }
        _ = try await store.figures()
        _ = try await store.readyJobs(waitingSince: scene.clock.now, limit: 10)
        _ = try await store.deleteFile(file.id)
        scene.clock.advance(by: Scene.retention)
        _ = try await store.expire(forgetting: scene.clock.now + .seconds(1), limit: 10)
        let doomed = try await store.doomedBlobs(limit: 10)
        try await store.forgetBlobs(doomed)
        _ = try await store.unknownBlobs(among: doomed)
    }
}

/// A database that tells which statements it is given.
private struct RecordingDatabase: SQLDatabase {
    let database: SQLiteDatabase
    let record: @Sendable (String) -> Void

    var kind: String { database.kind }

    func write<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        let record = record
        return try await database.write { try step(RecordingConnection(connection: $0, record: record)) }
    }

    func read<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        let record = record
        return try await database.read { try step(RecordingConnection(connection: $0, record: record)) }
    }
}

private struct RecordingConnection: SQLConnection {
    let connection: any SQLConnection
    let record: @Sendable (String) -> Void

    var dialect: SQLDialect { connection.dialect }
    var now: Timestamp { connection.now }

    func execute(_ statement: String, with values: [SQLValue]) throws -> Int {
        record(statement)
        return try connection.execute(statement, with: values)
    }

    func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow] {
        record(statement)
        return try connection.query(statement, with: values)
    }
}
