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

extension SQLConnection {
    /// The job that a claim holds, its row locked.
    /// - Throws: ``JobStoreError/claimLost(_:)``.
    func held(_ claim: Claim) throws -> JobRecord {
        guard let job = try find(claim) else { throw JobStoreError.claimLost(claim.job) }
        return job
    }

    /// The job that a claim holds, its row locked; `nil` where it holds none.
    func find(_ claim: Claim) throws -> JobRecord? {
        let rows = try query(
            """
            SELECT \(JobRecord.columns) FROM jobs
            WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?\(dialect.locking)
            """, claim.job, claim.worker, claim.fence)
        return try rows.first.map(JobRecord.init)
    }

    func record(of id: JobID) throws -> JobRecord {
        let rows = try query("SELECT \(JobRecord.columns) FROM jobs WHERE id = ?\(dialect.locking)", id)
        guard let row = rows.first else { throw try absence(of: id) }
        return try JobRecord(row)
    }

    func jobs(of file: FileID) throws -> [JobRecord] {
        try query("SELECT \(JobRecord.columns) FROM jobs WHERE file_id = ?\(dialect.locking)", file).map(JobRecord.init)
    }

    /// Oldest first.
    func followers(of leader: JobID) throws -> [JobRecord] {
        try query("SELECT \(JobRecord.columns) FROM jobs WHERE leader_id = ? ORDER BY id\(dialect.locking)", leader)
            .map(JobRecord.init)
    }
}

extension SQLConnection {
    /// Ends an unfinished job with no result; what waits for it is the caller's to settle.
    func end(_ job: JobRecord, as state: Job.State, because failure: JobFailure?, expiresAt: Timestamp) throws {
        try execute(
            """
            UPDATE jobs SET state = ?, ready_at = NULL, lead_key = NULL, leader_id = NULL, worker_id = NULL,
                lease_until = NULL, finished_at = ?, expires_at = ?, failure_code = ?, failure_message = ?,
                failure_is_retryable = ?
            WHERE id = ?
            """, state, now, expiresAt, failure?.code, failure?.message, failure?.isRetryable, job.id)
        try drop(job.source)
    }

    /// Ends a job and its followers as failed.
    /// - Returns: the followers.
    func fail(_ job: JobRecord, because failure: JobFailure, expiresAt: Timestamp) throws -> [JobID] {
        let followers = try followers(of: job.id)
        for follower in followers { try end(follower, as: .failed, because: failure, expiresAt: expiresAt) }
        try end(job, as: .failed, because: failure, expiresAt: expiresAt)
        return followers.map(\.id)
    }

    /// Cancels an unfinished job; the oldest of its followers takes its place.
    func cancel(_ job: JobRecord, expiresAt: Timestamp) throws {
        try end(job, as: .canceled, because: nil, expiresAt: expiresAt)
        guard !job.isFollower, let heir = try followers(of: job.id).first else { return }
        try execute(
            "UPDATE jobs SET leader_id = NULL, lead_key = ?, ready_at = ? WHERE id = ?", heir.cacheKey, now, heir.id)
        try execute("UPDATE jobs SET leader_id = ? WHERE leader_id = ?", heir.id, job.id)
    }

    /// Removes a final job with what it keeps, its cache entry included.
    func remove(_ job: JobRecord) throws {
        try execute("DELETE FROM jobs WHERE id = ?", job.id)
        guard let result = job.result else { return }
        try drop(result)
        try uncache(job.cacheKey, result)
    }
}
