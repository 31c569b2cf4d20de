import Jobs

/// What ending a job needs to know of it.
struct JobRecord: Sendable {
    let id: JobID
    let state: Job.State
    let source: BlobKey
    let cacheKey: CacheKey
    let result: BlobKey?
    let isFollower: Bool
    let crashes: Int
    let priority: Priority

    /// What ``init(_:)`` reads, in its order.
    static let columns = "id, state, source_key, cache_key, result_key, leader_id, crashes, priority"

    init(_ row: SQLRow) throws {
        var columns = Columns(row)
        id = try columns.next()
        state = try columns.next()
        source = try columns.next()
        cacheKey = try columns.next()
        result = try columns.next(optional: BlobKey.self)
        isFollower = try columns.next(optional: JobID.self) != nil
        crashes = try columns.next()
        priority = try columns.next()
    }
}

/// A job with those that wait for its result, the oldest first; all locked.
struct JobGroup: Sendable {
    let leader: JobRecord
    let followers: [JobRecord]
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

    /// Asks for those that wait for a job's result, the oldest first, and locks them: after their leader, beside which no
    /// other can then come.
    static func followers(of leader: JobID, _ dialect: SQLDialect) -> SQLStatement {
        SQLStatement(
            "SELECT \(JobRecord.columns) FROM jobs WHERE leader_id = ? ORDER BY id\(dialect.locking)", leader)
    }
}

extension SQLConnection {
    /// The job that a claim holds, and its followers.
    /// - Throws: ``JobStoreError/claimLost(_:)``.
    func held(_ claim: Claim) throws -> JobGroup {
        let found = try query(each: [.held(claim, dialect), .followers(of: claim.job, dialect)])
        guard let leader = try found[0].first.map(JobRecord.init) else { throw JobStoreError.claimLost(claim.job) }
        return JobGroup(leader: leader, followers: try found[1].map(JobRecord.init))
    }

    func followers(of leader: JobID) throws -> [JobRecord] {
        try query(each: [.followers(of: leader, dialect)])[0].map(JobRecord.init)
    }
}

extension SQLConnection {
    /// Ends an unfinished job with no result; what waits for it is the caller's to settle.
    func end(
        _ job: JobRecord, as state: Job.State, because failure: JobFailure?, expiresAt: Timestamp,
        _ counts: inout BlobCounts
    ) throws {
        try executeLater(
            """
            UPDATE jobs SET state = ?, ready_at = NULL, lead_key = NULL, leader_id = NULL, worker_id = NULL,
                lease_until = NULL, finished_at = ?, expires_at = ?, failure_code = ?, failure_message = ?,
                failure_is_retryable = ?
            WHERE id = ?
            """, state, now, expiresAt, failure?.code, failure?.message, failure?.isRetryable, job.id)
        counts.drop(job.source)
    }

    /// Ends a job and its followers as failed.
    /// - Returns: the followers.
    func fail(
        _ group: JobGroup, because failure: JobFailure, expiresAt: Timestamp, _ counts: inout BlobCounts
    ) throws -> [JobID] {
        for job in group.followers + [group.leader] {
            try end(job, as: .failed, because: failure, expiresAt: expiresAt, &counts)
        }
        return group.followers.map(\.id)
    }

    /// Cancels an unfinished job; the oldest of its followers takes its place.
    /// - Returns: that follower.
    func cancel(_ job: JobRecord, expiresAt: Timestamp, _ counts: inout BlobCounts) throws -> ReadyJob? {
        let heir = job.isFollower ? nil : try followers(of: job.id).first
        try end(job, as: .canceled, because: nil, expiresAt: expiresAt, &counts)
        guard let heir else { return nil }
        try executeLater(
            "UPDATE jobs SET leader_id = NULL, lead_key = ?, ready_at = ? WHERE id = ?", heir.cacheKey, now, heir.id)
        try executeLater("UPDATE jobs SET leader_id = ? WHERE leader_id = ?", heir.id, job.id)
        return ReadyJob(id: heir.id, priority: heir.priority)
    }

    /// Removes final jobs with what they keep, their cache entries included.
    func remove(_ jobs: [JobRecord], _ counts: inout BlobCounts) throws {
        for job in jobs { try executeLater("DELETE FROM jobs WHERE id = ?", job.id) }
        let results = jobs.compactMap { job in job.result.map { (job.cacheKey, $0) } }
        for (_, blob) in results { counts.drop(blob) }
        try uncache(results, &counts)
    }
}
