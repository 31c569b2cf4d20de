import Imaging
package import Jobs

extension SQLJobStore {
    package func submit(_ job: Job, key: IdempotencyKey?) async throws -> Submission {
        let plan = try JobRow.text(of: job.plan)
        let taken = try await database.write { connection -> Taken in
            if let key, let known = try connection.job(madeWith: key) { return .repeated(known) }
            let files = try connection.query(
                "SELECT expires_at FROM files WHERE id = ?\(connection.dialect.locking)", job.file)
            guard let row = files.first else { throw try connection.absence(of: job.file) }
            var columns = Columns(row)
            var job = job
            let place = try connection.begin(&job, keptUntil: try columns.next())
            try connection.insert(job, plan: plan, at: place)
            if let key {
                try connection.execute(
                    "INSERT INTO idempotency_keys (idempotency_key, fingerprint, job_id) VALUES (?, ?, ?)",
                    key.key, key.fingerprint, job.id)
            }
            return .accepted(job)
        }
        return switch taken {
        case .accepted(let job): .accepted(job)
        case .repeated(let row): .repeated(try row.parsed())
        }
    }

    package func retryFailed(_ id: JobID) async throws -> Job {
        try await database.write { connection in
            let rows = try connection.query(
                "SELECT \(JobRow.columns) FROM jobs WHERE id = ?\(connection.dialect.locking)", id)
            guard var row = try rows.first.map(JobRow.init) else { throw try connection.absence(of: id) }
            guard row.job.state == .failed else { throw JobStoreError.notFailed(row.job.state) }
            let place = try connection.begin(&row.job, keptUntil: row.job.expiresAt ?? connection.now)
            try connection.update(row.job, at: place)
            return row
        }.parsed()
    }
}

/// A ``Submission`` before its plan is read.
private enum Taken: Sendable {
    case accepted(Job)
    case repeated(JobRow)
}

/// How an unfinished job comes to its result.
private enum Place {
    /// There is one already.
    case done
    /// By its own work, and others may wait for it.
    case leading
    /// By that of another.
    case following(JobID)
}

extension SQLConnection {
    fileprivate func job(madeWith key: IdempotencyKey) throws -> JobRow? {
        let rows = try query("SELECT fingerprint, job_id FROM idempotency_keys WHERE idempotency_key = ?", key.key)
        guard let row = rows.first else { return nil }
        var columns = Columns(row)
        guard try columns.next() == key.fingerprint else { throw JobStoreError.idempotencyKeyReused }
        let id = try columns.next(JobID.self)
        return try query("SELECT \(JobRow.columns) FROM jobs WHERE id = ?", id).first.map(JobRow.init)
    }

    /// Puts a job at its beginning, or at once at its end, and counts what it keeps.
    ///
    /// - Parameter keptUntil: how long the job stays where it is done at once, if not as long as the result it takes.
    fileprivate func begin(_ job: inout Job, keptUntil: Timestamp) throws -> Place {
        job.progress = 0
        job.attempts = 0
        job.crashes = 0
        job.runAt = now
        (job.startedAt, job.finishedAt, job.failure, job.expiresAt) = (nil, nil, nil, nil)
        if let (result, expiresAt) = try cachedResult(job.cacheKey) {
            try keep(result.blob)
            (job.state, job.progress, job.result, job.isCached) = (.done, 1, result, true)
            (job.finishedAt, job.expiresAt) = (now, max(keptUntil, expiresAt))
            return .done
        }
        try keep(job.source)
        (job.state, job.result, job.isCached) = (.queued, nil, false)
        let leaders = try query("SELECT id FROM jobs WHERE lead_key = ?\(dialect.locking)", job.cacheKey)
        guard let row = leaders.first else { return .leading }
        var columns = Columns(row)
        let leader = try columns.next(JobID.self)
        try execute(
            "UPDATE jobs SET priority = ? WHERE id = ? AND priority > ? AND ready_at IS NOT NULL", job.priority, leader,
            job.priority)
        return .following(leader)
    }

    private func cachedResult(_ key: CacheKey) throws -> (JobResult, expiresAt: Timestamp)? {
        let rows = try query(
            """
            SELECT blob_key, format, width, height, byte_count, expires_at FROM results
            WHERE cache_key = ?\(dialect.locking)
            """, key)
        guard let row = rows.first else { return nil }
        var columns = Columns(row)
        guard let result = try columns.nextResult() else { return nil }
        return (result, try columns.next())
    }

    fileprivate func insert(_ job: Job, plan: String, at place: Place) throws {
        try execute(
            """
            INSERT INTO jobs (\(JobRow.columns), lead_key, leader_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            job.id, job.file, job.source, plan, job.cacheKey, job.publicURL, job.priority, job.createdAt, job.state,
            job.progress, job.attempts, job.crashes, job.fence, place.readyAt(job), job.startedAt, job.finishedAt, nil,
            nil, nil,
            job.result?.blob, job.result?.format, job.result?.size.width, job.result?.size.height,
            job.result?.byteCount, job.isCached, job.expiresAt, place.leadKey(job), place.leader)
    }

    fileprivate func update(_ job: Job, at place: Place) throws {
        try execute(
            """
            UPDATE jobs SET state = ?, progress = ?, attempts = 0, crashes = 0, ready_at = ?, started_at = NULL,
                finished_at = ?, failure_code = NULL, failure_message = NULL, failure_is_retryable = NULL,
                result_key = ?, result_format = ?, result_width = ?, result_height = ?, result_byte_count = ?,
                is_cached = ?, expires_at = ?, lead_key = ?, leader_id = ?
            WHERE id = ?
            """,
            job.state, job.progress, place.readyAt(job), job.finishedAt, job.result?.blob, job.result?.format,
            job.result?.size.width, job.result?.size.height, job.result?.byteCount, job.isCached, job.expiresAt,
            place.leadKey(job), place.leader, job.id)
    }
}

extension Place {
    fileprivate func readyAt(_ job: Job) -> Timestamp? {
        switch self {
        case .leading: job.runAt
        case .done, .following: nil
        }
    }

    fileprivate func leadKey(_ job: Job) -> CacheKey? {
        switch self {
        case .leading: job.cacheKey
        case .done, .following: nil
        }
    }

    fileprivate var leader: JobID? {
        switch self {
        case .following(let leader): leader
        case .done, .leading: nil
        }
    }
}
