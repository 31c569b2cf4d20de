import Imaging
package import Jobs

extension SQLJobStore {
    package func submit(_ job: Job, key: IdempotencyKey?) async throws -> Submission {
        let plan = job.plan.json.text
        let taken = try await database.write { connection -> Taken in
            let dialect = connection.dialect
            var found = try connection.query(
                each: (key.map { [.job(madeWith: $0)] } ?? []) + [
                    SQLStatement("SELECT expires_at FROM files WHERE id = ?\(dialect.locking)", job.file)
                ] + Prospect.statements(for: job.cacheKey, dialect))
            if let key, let known = found.removeFirst().first {
                return .repeated(try JobRow(known, madeWith: key))
            }
            guard let row = found.removeFirst().first else { throw try connection.absence(of: job.file) }
            var columns = Columns(row)
            var job = job
            var counts = BlobCounts()
            let place = try connection.begin(
                &job, in: try Prospect(found), keptUntil: try columns.next(), &counts)
            try connection.insert(job, plan: plan, at: place)
            if let key {
                try connection.executeLater(
                    "INSERT INTO idempotency_keys (idempotency_key, fingerprint, job_id) VALUES (?, ?, ?)",
                    key.key, key.fingerprint, job.id)
            }
            try counts.write(to: connection)
            return .accepted(job)
        }
        return switch taken {
        case .accepted(let job): .accepted(job)
        case .repeated(let row): .repeated(try row.parsed())
        }
    }

    package func retryFailed(_ id: JobID) async throws -> Job {
        try await database.write { connection in
            let dialect = connection.dialect
            let rows = try connection.query("SELECT \(JobRow.columns) FROM jobs WHERE id = ?\(dialect.locking)", id)
            guard var row = try rows.first.map(JobRow.init) else { throw try connection.absence(of: id) }
            guard row.job.state == .failed else { throw JobStoreError.notFailed(row.job.state) }
            // A failed job does not keep its source.
            let found = try connection.query(
                each: Prospect.statements(for: row.job.cacheKey, dialect) + [
                    SQLStatement("SELECT 1 FROM blobs WHERE blob_key = ?\(dialect.locking)", row.job.source)
                ])
            let prospect = try Prospect(found)
            guard prospect.cached != nil || !found[2].isEmpty else { throw JobStoreError.sourceGone }
            var counts = BlobCounts()
            let place = try connection.begin(
                &row.job, in: prospect, keptUntil: row.job.expiresAt ?? connection.now, &counts)
            try connection.update(row.job, at: place)
            try counts.write(to: connection)
            return row
        }.parsed()
    }
}

/// A ``Submission`` before its plan is read.
private enum Taken: Sendable {
    case accepted(Job)
    case repeated(JobRow)
}

extension SQLStatement {
    fileprivate static func job(madeWith key: IdempotencyKey) -> SQLStatement {
        SQLStatement(
            """
            SELECT fingerprint, \(JobRow.columns) FROM idempotency_keys JOIN jobs ON jobs.id = job_id
            WHERE idempotency_key = ?
            """, key.key)
    }
}

extension JobRow {
    fileprivate init(_ row: SQLRow, madeWith key: IdempotencyKey) throws {
        var columns = Columns(row)
        guard try columns.next() == key.fingerprint else { throw JobStoreError.idempotencyKeyReused }
        try self.init(&columns)
    }
}

/// What there is for the same result; all locked.
private struct Prospect {
    /// The unfinished job that works for it.
    let leader: JobID?
    let cached: (result: JobResult, expiresAt: Timestamp)?

    /// The leader is asked for first: it publishes its result before it ceases to lead, so that one of the two is seen.
    /// Where another begins to lead after that, only one of them can be recorded (`lead_key` is unique).
    static func statements(for key: CacheKey, _ dialect: SQLDialect) -> [SQLStatement] {
        [
            SQLStatement("SELECT id FROM jobs WHERE lead_key = ?\(dialect.locking)", key),
            SQLStatement(
                """
                SELECT blob_key, format, width, height, byte_count, expires_at FROM results
                WHERE cache_key = ?\(dialect.locking)
                """, key),
        ]
    }

    /// - Parameter rows: the answers to these statements, and perhaps to others after them.
    init(_ rows: [[SQLRow]]) throws {
        leader = try rows[0].first.map { row in
            var columns = Columns(row)
            return try columns.next()
        }
        cached = try rows[1].first.flatMap { row in
            var columns = Columns(row)
            return try columns.nextResult().map { ($0, try columns.next()) }
        }
    }
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
    /// Puts a job at its beginning, or at once at its end, and counts what it keeps.
    ///
    /// - Parameter keptUntil: how long the job stays where it is done at once, if not as long as the result it takes.
    fileprivate func begin(
        _ job: inout Job, in prospect: Prospect, keptUntil: Timestamp, _ counts: inout BlobCounts
    ) throws -> Place {
        let now = try now
        job.progress = 0
        job.attempts = 0
        job.crashes = 0
        job.runAt = now
        (job.startedAt, job.finishedAt, job.failure, job.expiresAt) = (nil, nil, nil, nil)
        if let (result, expiresAt) = prospect.cached {
            counts.keep(result.blob)
            (job.state, job.progress, job.result, job.isCached) = (.done, 1, result, true)
            (job.finishedAt, job.expiresAt) = (now, max(keptUntil, expiresAt))
            return .done
        }
        counts.keep(job.source)
        (job.state, job.result, job.isCached) = (.queued, nil, false)
        guard let leader = prospect.leader else { return .leading }
        try executeLater(
            "UPDATE jobs SET priority = ? WHERE id = ? AND priority > ? AND ready_at IS NOT NULL", job.priority, leader,
            job.priority)
        return .following(leader)
    }

    fileprivate func insert(_ job: Job, plan: String, at place: Place) throws {
        try executeLater(
            """
            INSERT INTO jobs (\(JobRow.columns), lead_key, leader_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            job.id, job.file, job.source, plan, job.cacheKey, job.publicURL, job.priority, job.createdAt, job.state,
            job.progress, job.attempts, job.crashes, job.fence, place.readyAt(job), job.startedAt, job.finishedAt, nil,
            nil, nil, job.result?.blob, job.result?.format, job.result?.size.width, job.result?.size.height,
            job.result?.byteCount, job.isCached, job.expiresAt, place.leadKey(job), place.leader)
    }

    fileprivate func update(_ job: Job, at place: Place) throws {
        try executeLater(
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
