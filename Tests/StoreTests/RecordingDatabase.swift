import Jobs
import SQLBackend

/// A database that tells which statements it is given.
struct RecordingDatabase: SQLDatabase {
    let database: any SQLDatabase
    let record: @Sendable (SQLStatement) -> Void

    var kind: String { database.kind }
    var dialect: SQLDialect { database.dialect }

    func write<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try await database.write { try step(recording($0)) }
    }

    func update<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try await database.update { try step(recording($0)) }
    }

    func read<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try await database.read { try step(recording($0)) }
    }

    func exclusively<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try await database.exclusively(step)
    }

    private func recording(_ connection: any SQLConnection) -> any SQLConnection {
        RecordingConnection(connection: connection, record: record)
    }
}

private struct RecordingConnection: SQLConnection {
    let connection: any SQLConnection
    let record: @Sendable (SQLStatement) -> Void

    var dialect: SQLDialect { connection.dialect }
    var now: Timestamp { get throws { try connection.now } }

    func execute(_ statement: String, with values: [SQLValue]) throws -> Int {
        record(SQLStatement(text: statement, values: values))
        return try connection.execute(statement, with: values)
    }

    func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow] {
        record(SQLStatement(text: statement, values: values))
        return try connection.query(statement, with: values)
    }
}

extension Scene {
    /// Says everything to a store that can be said.
    func useEverything() async throws {
        let store = store
        let file = try await insert()
        _ = try await insert()
        _ = try await store.file(file.id)
        _ = try await store.files(after: nil, limit: 10)
        _ = try await store.files(after: file.id, limit: 10)
        let key = IdempotencyKey(key: "k", fingerprint: "f")
        for _ in 1...2 { try await submit(file, quality: 1, key: key) }
        let follower = try await submit(file, quality: 1)
        let claim = try await self.claim()
        _ = try await store.renew([claim], lease: Scene.lease)
        try await store.report(progress: 0.5, of: claim)
        try await store.retry(claim, because: Scene.trouble, tries: nil, after: .zero)
        try await store.release([self.claim()])
        _ = try await store.claim(.these([claim.job]), by: worker, lease: .zero)
        _ = try await reclaim()
        try await finish(self.claim())
        let failed = try await submit(file, quality: 2)
        try await fail(self.claim())
        _ = try await store.retryFailed(failed.id)
        _ = try await store.crashed(self.claim(), limit: 1, failure: Scene.failure, tries: nil, expiresAt: clock.now)
        let canceled = try await submit(file, quality: 3)
        _ = try await submit(file, quality: 3)
        _ = try await store.cancel(canceled.id, expiresAt: .now)
        for state in [nil, Job.State.done] {
            _ = try await store.jobs(JobFilter(state: state), after: nil, limit: 10)
            _ = try await store.jobs(JobFilter(state: state), after: follower.id, limit: 10)
        }
        _ = try await store.jobs([follower.id])
        let batch = try await store.begin(
            Batch(
                id: BatchID(at: clock.now), publicURL: "", total: 2, createdAt: clock.now, retention: Scene.retention,
                webhookURL: "https://pictures.example"),
            key: IdempotencyKey(key: "b", fingerprint: "f")
        ).batch
        var image = try job(forURL: "https://pictures.example/cat.png")
        image.batch = batch.id
        let entry = BatchEntry(line: 2, serialNumber: "", productName: "", url: "", failure: nil)
        let broken = BatchEntry(line: 3, serialNumber: "", productName: "", url: "", failure: Scene.failure)
        _ = try await store.add(
            [BatchImage(entry: entry, job: image), BatchImage(entry: broken, job: nil)], at: 0, to: batch.id)
        try await finish(self.claim())
        _ = try await store.batch(batch.id)
        _ = try await store.images(of: batch.id, from: 0, limit: 10)
        for state in [nil, Job.State.done] {
            _ = try await store.jobs(JobFilter(state: state, batch: batch.id), after: image.id, limit: 10)
            _ = try await store.jobs(JobFilter(state: state, kind: .webhook), after: image.id, limit: 10)
        }
        let owed = try await store.owedWebhooks(limit: 10)
        let id = JobID(at: clock.now)
        let delivery = Job(
            id: id, source: .url("https://pictures.example"),
            task: .deliver(Delivery(subject: .batch(batch.id), body: "")), cacheKey: CacheKey(alone: id), publicURL: "",
            createdAt: clock.now)
        try await store.schedule(owed.map { NewDelivery(of: $0, as: delivery) })
        for job in try await store.claim(.deliveries(1), by: worker, lease: Scene.lease) {
            try await store.finish(
                Claim(job: job.id, worker: worker, fence: job.fence), tries: nil, expiresAt: clock.now)
        }
        _ = try await store.batches(after: batch.id, limit: 10)
        try await submit(file, quality: 4)
        let gone = try await self.claim()
        try await fail(gone)
        try await store.discardFailed(gone.job)
        try await store.announce(
            WorkerPresence(id: worker, host: "", slots: 1, busy: 0, version: "", seenAt: clock.now))
        try await store.drain(worker, true)
        for isPaused in [true, false] { try await store.pause(isPaused) }
        var slot = HistorySlot(containing: clock.now)
        slot.done = 1
        for _ in 1...2 { try await store.record(slot) }
        _ = try await store.history(since: slot.start)
        _ = try await store.figures()
        _ = try await store.readyJobs(waitingSince: clock.now, limit: 10)
        try await store.uncacheResult(of: store.job(follower.id))
        _ = try await store.deleteFile(file.id)
        clock.advance(by: Scene.retention)
        _ = try await store.expire(forgetting: clock.now + .seconds(1), limit: 10)
        let doomed = try await store.doomedBlobs(limit: 10)
        try await store.forgetBlobs(doomed)
        _ = try await store.unknownBlobs(among: doomed)
    }
}
