package import Jobs

extension SQLJobStore {
    package func reclaimExpiredLeases(
        crashLimit: Int, failure: JobFailure, expiresAt: Timestamp, limit: Int
    ) async throws -> Reclaimed {
        // Mostly there is nothing to do, which one look tells.
        let due = try await database.read { connection in
            try connection.query("SELECT 1 FROM jobs WHERE lease_until <= ? LIMIT 1", StoreClock.now)
        }
        if due.isEmpty { return Reclaimed() }
        return try await database.write { connection in
            let rows = try connection.query(
                """
                SELECT \(JobRecord.columns) FROM jobs WHERE lease_until <= ?
                ORDER BY lease_until LIMIT ?\(connection.dialect.lockingFree)
                """, connection.now, limit)
            var reclaimed = Reclaimed()
            var counts = BlobCounts()
            for job in try rows.map(JobRecord.init) {
                if job.crashes + 1 < crashLimit {
                    try connection.requeue(crashed: job)
                    reclaimed.requeued.append(ReadyJob(id: job.id, priority: job.priority))
                } else {
                    let group = JobGroup(leader: job, followers: try connection.followers(of: job.id))
                    reclaimed.failed += try connection.end(
                        crashed: group, because: failure, expiresAt: expiresAt, &counts)
                }
            }
            try counts.write(to: connection)
            return reclaimed
        }
    }

    package func crashed(
        _ claim: Claim, limit: Int, failure: JobFailure, expiresAt: Timestamp
    ) async throws -> [JobID] {
        try await database.write { connection in
            let group = try connection.held(claim)
            if group.leader.crashes + 1 < limit {
                try connection.requeue(crashed: group.leader)
                return []
            }
            var counts = BlobCounts()
            let ended = try connection.end(crashed: group, because: failure, expiresAt: expiresAt, &counts)
            try counts.write(to: connection)
            return ended
        }
    }

    package func readyJobs(waitingSince time: Timestamp, limit: Int) async throws -> [ReadyJob] {
        let found = try await database.read { connection in
            try connection.query(
                each: Priority.allCases.map { priority in
                    SQLStatement(
                        """
                        SELECT id FROM jobs WHERE priority = ? AND ready_at < ? AND ready_at <= ?
                        ORDER BY ready_at, id LIMIT ?
                        """, priority, time, StoreClock.now, limit)
                })
        }
        let classes = try zip(Priority.allCases, found).map { priority, rows in
            try rows.map { ReadyJob(id: try $0.only(), priority: priority) }
        }
        return Array(classes.joined().prefix(limit))
    }

    package func expire(forgetting: Timestamp, limit: Int) async throws -> Int {
        let isDue = try await database.read { connection -> Bool in
            try connection.query(
                """
                SELECT EXISTS (SELECT 1 FROM files WHERE expires_at <= ?)
                    OR EXISTS (SELECT 1 FROM jobs WHERE expires_at <= ?)
                    OR EXISTS (SELECT 1 FROM results WHERE expires_at <= ?)
                    OR EXISTS (SELECT 1 FROM expired WHERE expired_at < ?)
                """, StoreClock.now, StoreClock.now, StoreClock.now, forgetting)[0].only()
        }
        guard isDue else { return 0 }
        return try await database.write { connection in
            var counts = BlobCounts()
            let files = try connection.dueFiles(limit: limit)
            for (id, blob) in files {
                try connection.executeLater("DELETE FROM files WHERE id = ?", id)
                counts.drop(blob)
                try connection.rememberExpired(id)
            }
            let jobs = try connection.dueJobs(limit: limit - files.count)
            try connection.remove(jobs, &counts)
            for job in jobs { try connection.rememberExpired(job.id) }
            try connection.uncache(try connection.dueResults(limit: limit), &counts)
            try connection.forgetExpired(before: forgetting, limit: limit)
            try counts.write(to: connection)
            return files.count + jobs.count
        }
    }

    package func doomedBlobs(limit: Int) async throws -> [BlobKey] {
        try await database.read { connection in
            try connection.query("SELECT blob_key FROM doomed_blobs ORDER BY blob_key LIMIT ?", limit).map {
                try $0.only()
            }
        }
    }

    package func forgetBlobs(_ keys: [BlobKey]) async throws {
        guard !keys.isEmpty else { return }
        _ = try await database.update { connection in
            try connection.execute(
                each: keys.sorted { $0.rawValue < $1.rawValue }.map {
                    SQLStatement("DELETE FROM doomed_blobs WHERE blob_key = ?", $0)
                })
        }
    }

    package func unknownBlobs(among keys: [BlobKey]) async throws -> [BlobKey] {
        guard !keys.isEmpty else { return [] }
        let found = try await database.read { connection in
            try connection.query(
                each: keys.map { key in
                    SQLStatement(
                        """
                        SELECT 1 FROM blobs WHERE blob_key = ?
                        UNION ALL SELECT 1 FROM doomed_blobs WHERE blob_key = ?
                        """, key, key)
                })
        }
        return zip(keys, found).filter(\.1.isEmpty).map(\.0)
    }
}

extension SQLRow {
    /// The one column.
    fileprivate func only<V: SQLStorable>() throws -> V {
        var columns = Columns(self)
        return try columns.next()
    }
}

extension SQLConnection {
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
    fileprivate func dueResults(limit: Int) throws -> [(CacheKey, BlobKey)] {
        try query(
            """
            SELECT cache_key, blob_key FROM results WHERE expires_at <= ?
            ORDER BY expires_at LIMIT ?\(dialect.lockingFree)
            """, now, limit
        ).map { row in
            var columns = Columns(row)
            return (try columns.next(), try columns.next())
        }
    }

    fileprivate func rememberExpired(_ id: any SQLStorable) throws {
        try executeLater("INSERT INTO expired (id, expired_at) VALUES (?, ?)", id, now)
    }

    fileprivate func forgetExpired(before time: Timestamp, limit: Int) throws {
        let rows = try query(
            "SELECT id FROM expired WHERE expired_at < ? ORDER BY expired_at LIMIT ?\(dialect.lockingFree)", time, limit
        )
        for row in rows { try executeLater("DELETE FROM expired WHERE id = ?", try row.only() as String) }
    }
}

extension SQLConnection {
    /// Counts a crash of a job that is being processed, and queues it again.
    fileprivate func requeue(crashed job: JobRecord) throws {
        try executeLater(
            """
            UPDATE jobs SET crashes = ?, state = 'queued', ready_at = ?, progress = 0, worker_id = NULL,
                lease_until = NULL
            WHERE id = ?
            """, job.crashes + 1, now, job.id)
    }

    /// Counts a job's last crash, and ends it with its followers.
    /// - Returns: the jobs that ended.
    fileprivate func end(
        crashed group: JobGroup, because failure: JobFailure, expiresAt: Timestamp, _ counts: inout BlobCounts
    ) throws -> [JobID] {
        let job = group.leader
        try executeLater("UPDATE jobs SET crashes = ? WHERE id = ?", job.crashes + 1, job.id)
        return [job.id] + (try fail(group, because: failure, expiresAt: expiresAt, &counts))
    }
}
