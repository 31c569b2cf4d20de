package import Jobs

extension SQLJobStore {
    package func reclaimExpiredLeases(
        crashLimit: Int, failure: JobFailure, expiresAt: Timestamp, limit: Int
    ) async throws -> Reclaimed {
        try await database.write { connection in
            let now = connection.now
            let rows = try connection.query(
                """
                SELECT \(JobRecord.columns) FROM jobs WHERE lease_until <= ?
                ORDER BY lease_until LIMIT ?\(connection.dialect.lockingFree)
                """, now, limit)
            var reclaimed = Reclaimed()
            for job in try rows.map(JobRecord.init) {
                let ended = try connection.crash(job, limit: crashLimit, failure: failure, expiresAt: expiresAt)
                reclaimed.failed += ended
                if ended.isEmpty { reclaimed.requeued.append(ReadyJob(id: job.id, priority: job.priority)) }
            }
            return reclaimed
        }
    }

    package func crashed(
        _ claim: Claim, limit: Int, failure: JobFailure, expiresAt: Timestamp
    ) async throws -> [JobID] {
        try await database.write { connection in
            try connection.crash(try connection.held(claim), limit: limit, failure: failure, expiresAt: expiresAt)
        }
    }

    package func readyJobs(waitingSince time: Timestamp, limit: Int) async throws -> [ReadyJob] {
        try await database.read { connection in
            var jobs: [ReadyJob] = []
            for priority in Priority.allCases where jobs.count < limit {
                let ids: [JobID] = try connection.ids(
                    "SELECT id FROM jobs WHERE priority = ? AND ready_at < ? ORDER BY ready_at, id LIMIT ?", priority,
                    min(time, connection.now + .milliseconds(1)), limit - jobs.count)
                jobs += ids.map { ReadyJob(id: $0, priority: priority) }
            }
            return jobs
        }
    }

    package func expire(forgetting: Timestamp, limit: Int) async throws -> Int {
        try await database.write { connection in
            let files = try connection.dueFiles(limit: limit)
            for (id, blob) in files {
                try connection.execute("DELETE FROM files WHERE id = ?", id)
                try connection.drop(blob)
                try connection.rememberExpired(id)
            }
            let jobs = try connection.dueJobs(limit: limit - files.count)
            for job in jobs {
                try connection.remove(job)
                try connection.rememberExpired(job.id)
            }
            try connection.uncacheDue(limit: limit)
            try connection.forgetExpired(before: forgetting, limit: limit)
            return files.count + jobs.count
        }
    }

    package func doomedBlobs(limit: Int) async throws -> [BlobKey] {
        try await database.read { connection in
            try connection.ids("SELECT blob_key FROM doomed_blobs ORDER BY blob_key LIMIT ?", limit)
        }
    }

    package func forgetBlobs(_ keys: [BlobKey]) async throws {
        guard !keys.isEmpty else { return }
        try await database.write { connection in
            for key in keys { try connection.execute("DELETE FROM doomed_blobs WHERE blob_key = ?", key) }
        }
    }

    package func unknownBlobs(among keys: [BlobKey]) async throws -> [BlobKey] {
        guard !keys.isEmpty else { return [] }
        return try await database.read { connection in
            try keys.filter { key in
                try connection.query(
                    """
                    SELECT 1 FROM blobs WHERE blob_key = ?
                    UNION ALL SELECT 1 FROM doomed_blobs WHERE blob_key = ?
                    """, key, key
                ).isEmpty
            }
        }
    }
}

extension SQLConnection {
    /// The one column of a statement's rows.
    fileprivate func ids<V: SQLStorable>(_ statement: String, _ values: (any SQLStorable)?...) throws -> [V] {
        try query(statement, with: values.map { $0?.sqlValue ?? .null }).map { row in
            var columns = Columns(row)
            return try columns.next()
        }
    }

    fileprivate func dueFiles(limit: Int) throws -> [(FileID, BlobKey)] {
        try query(
            """
            SELECT id, blob_key FROM files WHERE expires_at <= ?
            ORDER BY expires_at LIMIT ?\(dialect.lockingFree)
            """, now, limit
        ).map { row in
            var columns = Columns(row)
            return (try columns.next(), try columns.next())
        }
    }

    fileprivate func dueJobs(limit: Int) throws -> [JobRecord] {
        try query(
            """
            SELECT \(JobRecord.columns) FROM jobs WHERE expires_at <= ?
            ORDER BY expires_at LIMIT ?\(dialect.lockingFree)
            """, now, limit
        ).map(JobRecord.init)
    }

    /// Cache entries whose jobs went before them.
    fileprivate func uncacheDue(limit: Int) throws {
        let rows = try query(
            """
            SELECT cache_key, blob_key FROM results WHERE expires_at <= ?
            ORDER BY expires_at LIMIT ?\(dialect.lockingFree)
            """, now, limit)
        for row in rows {
            var columns = Columns(row)
            try uncache(try columns.next(), try columns.next())
        }
    }

    fileprivate func rememberExpired(_ id: any SQLStorable) throws {
        try execute("INSERT INTO expired (id, expired_at) VALUES (?, ?)", id, now)
    }

    fileprivate func forgetExpired(before time: Timestamp, limit: Int) throws {
        let ids: [String] = try ids(
            "SELECT id FROM expired WHERE expired_at < ? ORDER BY expired_at LIMIT ?\(dialect.lockingFree)", time, limit
        )
        for id in ids { try execute("DELETE FROM expired WHERE id = ?", id) }
    }
}

extension SQLConnection {
    /// Counts a crash of a job that is being processed, and queues it again or ends it.
    /// - Returns: the jobs that ended; empty where it is queued again.
    fileprivate func crash(
        _ job: JobRecord, limit: Int, failure: JobFailure, expiresAt: Timestamp
    ) throws -> [JobID] {
        try execute("UPDATE jobs SET crashes = ? WHERE id = ?", job.crashes + 1, job.id)
        guard job.crashes + 1 < limit else {
            return [job.id] + (try fail(job, because: failure, expiresAt: expiresAt))
        }
        try execute(
            """
            UPDATE jobs SET state = 'queued', ready_at = ?, progress = 0, worker_id = NULL, lease_until = NULL
            WHERE id = ?
            """, now, job.id)
        return []
    }
}
