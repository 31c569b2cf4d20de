import Jobs

/// What ending a job needs to know of it.
struct JobRecord: Sendable {
    let id: JobID
    let state: Job.State
    let source: BlobKey?
    let cacheKey: CacheKey
    let result: BlobKey?
    let leader: JobID?
    let crashes: Int
    let line: Line
    let batch: BatchID?

    /// What ``init(_:)`` reads, in its order.
    static let columns = "id, state, source_key, cache_key, result_key, leader_id, crashes, priority, batch_id"

    init(_ row: SQLRow) throws {
        var columns = Columns(row)
        try self.init(&columns)
    }

    init(_ columns: inout Columns) throws {
        id = try columns.next()
        state = try columns.next()
        source = try columns.next(optional: BlobKey.self)
        cacheKey = try columns.next()
        result = try columns.next(optional: BlobKey.self)
        leader = try columns.next(optional: JobID.self)
        crashes = try columns.next()
        line = try columns.next()
        batch = try columns.next(optional: BatchID.self)
    }

    /// What a queue is told of it once it may be claimed; `nil` for a delivery, which needs no ring.
    var ready: ReadyJob? { line.priority.map { ReadyJob(id: id, priority: $0) } }
}

/// A job with those that wait for its result, the oldest first; all locked.
struct JobGroup: Sendable {
    let leader: JobRecord
    let followers: [JobRecord]

    var jobs: [JobRecord] { [leader] + followers }
}

extension SQLStatement {
    /// Asks for the job that a claim holds, and locks it.
    static func held(_ claim: Claim, _ dialect: SQLDialect) -> SQLStatement {
        SQLStatement(
            """
            SELECT \(JobRecord.columns) FROM jobs
            WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?\(dialect.locking)
            """, claim.job, claim.worker, claim.fence)
    }
}

extension [SQLStatement] {
    /// Asks for those that wait for jobs' results, of each job the oldest first, and locks them: after their leaders, beside
    /// which no other can then come.
    static func followers(of leaders: [JobID], _ dialect: SQLDialect) -> [SQLStatement] {
        .naming(
            leaders, in: "SELECT \(JobRecord.columns) FROM jobs WHERE leader_id IN",
            ending: " ORDER BY leader_id, id\(dialect.locking)")
    }
}

extension SQLConnection {
    /// The job that a claim holds, and its followers.
    /// - Throws: ``JobStoreError/claimLost(_:)``.
    func held(_ claim: Claim) throws -> JobGroup {
        let found = try query(each: [.held(claim, dialect)] + [SQLStatement].followers(of: [claim.job], dialect))
        guard let leader = try found[0].first.map(JobRecord.init) else { throw JobStoreError.claimLost(claim.job) }
        return JobGroup(leader: leader, followers: try found[1].map(JobRecord.init))
    }

    func followers(of leaders: [JobID]) throws -> [JobRecord] {
        try query(each: .followers(of: leaders, dialect)).joined().map(JobRecord.init)
    }
}

extension SQLConnection {
    /// Ends unfinished jobs with no result; what waits for them is the caller's to settle.
    func end(
        _ jobs: [JobRecord], as state: Job.State, because failure: JobFailure? = nil, expiresAt: Timestamp,
        _ counts: inout Counts
    ) throws {
        try executeLater(
            each: .naming(
                jobs.map(\.id),
                in: """
                    UPDATE jobs SET state = ?, ready_at = NULL, lead_key = NULL, leader_id = NULL, worker_id = NULL,
                        lease_until = NULL, finished_at = ?, expires_at = ?, failure_code = ?, failure_message = ?,
                        failure_is_retryable = ?
                    WHERE id IN
                    """, state, now, expiresAt, failure?.code, failure?.message, failure?.isRetryable))
        for job in jobs {
            counts.drop(job.source)
            counts.end(job.batch, as: state)
        }
    }

    /// Cancels unfinished jobs; where others wait for one of them, the oldest takes its place.
    /// - Returns: those that do.
    func cancel(_ jobs: [JobRecord], expiresAt: Timestamp, _ counts: inout Counts) throws -> [ReadyJob] {
        let canceled = Set(jobs.map(\.id))
        let waiting = try followers(of: jobs.filter { $0.leader == nil }.map(\.id))
        try end(jobs, as: .canceled, expiresAt: expiresAt, &counts)
        let orphans = Dictionary(grouping: waiting.filter { !canceled.contains($0.id) }, by: \.leader)
        let heirs = orphans.values.compactMap(\.first).sorted { $0.id < $1.id }
        try executeLater(
            each: .naming(
                heirs.map(\.id), in: "UPDATE jobs SET leader_id = NULL, lead_key = cache_key, ready_at = ? WHERE id IN",
                now))
        for heir in heirs where orphans[heir.leader, default: []].count > 1 {
            try executeLater("UPDATE jobs SET leader_id = ? WHERE leader_id = ?", heir.id, heir.leader)
        }
        return heirs.compactMap(\.ready)
    }

    /// Removes final jobs with what they keep, their cache entries included.
    func remove(_ jobs: [JobRecord], _ counts: inout Counts) throws {
        try executeLater(each: .naming(jobs.map(\.id), in: "DELETE FROM jobs WHERE id IN"))
        let results = jobs.compactMap { job in job.result.map { CachedResult(key: job.cacheKey, blob: $0) } }
        for result in results { counts.drop(result.blob) }
        try uncache(results, &counts)
    }
}
