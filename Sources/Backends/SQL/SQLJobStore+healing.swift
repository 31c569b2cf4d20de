package import Jobs

extension SQLJobStore {
    package func uncacheResult(of job: Job) async throws {
        guard let blob = job.result?.blob else { return }
        try await database.write { connection in
            var counts = Counts()
            try connection.uncache([CachedResult(key: job.cacheKey, blob: blob)], &counts)
            try counts.write(to: connection)
        }
    }

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
                SELECT progress, fence, \(JobRecord.columns) FROM jobs WHERE lease_until <= ?
                ORDER BY lease_until LIMIT ?\(connection.dialect.lockingFree)
                """, connection.now, limit)
            let claimed = try rows.map(ClaimedJob.init)
            let spared = claimed.filter { !$0.isCharged }.map(\.job)
            let charged = claimed.filter(\.isCharged).map(\.job)
            let living = charged.filter { $0.crashes + 1 < crashLimit }
            let dead = charged.filter { $0.crashes + 1 >= crashLimit }
            try connection.requeue(living, crashes: 1)
            try connection.requeue(spared, crashes: 0)
            var counts = Counts()
            let followers = try connection.followers(of: dead.map(\.id))
            try connection.end(crashed: dead, and: followers, because: failure, expiresAt: expiresAt, &counts)
            try counts.write(to: connection)
            return Reclaimed(
                requeued: (living + spared).compactMap(\.ready),
                failed: (dead + followers).map(\.id))
        }
    }

    package func crashed(
        _ claim: Claim, limit: Int, failure: JobFailure, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID] {
        try await database.write { connection in
            let group = try connection.held(claim)
            try connection.note(tries, of: claim.job)
            if group.leader.crashes + 1 < limit {
                try connection.requeue([group.leader], crashes: 1)
                return []
            }
            var counts = Counts()
            try connection.end(
                crashed: [group.leader], and: group.followers, because: failure, expiresAt: expiresAt, &counts)
            try counts.write(to: connection)
            return group.jobs.map(\.id)
        }
    }

    package func readyJobs(waitingSince time: Timestamp, limit: Int) async throws -> [ReadyJob] {
        // Each class on its own, in the index's order.
        let classes = Priority.allCases.map { priority in
            SQLStatement(
                """
                SELECT * FROM (
                    SELECT id, priority FROM jobs WHERE priority = ? AND ready_at < ? AND ready_at <= ?
                    ORDER BY ready_at, id LIMIT ?
                ) AS few
                """, Line.pictures(priority), time, StoreClock.now, limit)
        }
        let found = try await database.read { connection in
            try connection.query(
                classes.map(\.text).joined(separator: "\nUNION ALL "), with: classes.flatMap(\.values))
        }
        return try found.prefix(limit).compactMap { row in
            var columns = Columns(row)
            let (id, line) = (try columns.next(JobID.self), try columns.next(Line.self))
            return line.priority.map { ReadyJob(id: id, priority: $0) }
        }
    }

    package func expire(forgetting: Timestamp, limit: Int) async throws -> Int {
        let isDue = try await database.read { connection -> Bool in
            try connection.query(
                """
                SELECT EXISTS (SELECT 1 FROM files WHERE expires_at <= ?)
                    OR EXISTS (SELECT 1 FROM jobs WHERE expires_at <= ?)
                    OR EXISTS (SELECT 1 FROM results WHERE expires_at <= ?)
                    OR EXISTS (SELECT 1 FROM batches WHERE expires_at <= ?)
                    OR EXISTS (SELECT 1 FROM expired WHERE expired_at < ?)
                """, StoreClock.now, StoreClock.now, StoreClock.now, StoreClock.now, forgetting)[0].only()
        }
        guard isDue else { return 0 }
        try await expireBatches(limit: limit)
        return try await database.write { connection in
            var counts = Counts()
            let files = try connection.dueFiles(limit: limit)
            try connection.rememberExpired(files.map(\.id), in: "files")
            try connection.executeLater(each: .naming(files.map(\.id), in: "DELETE FROM files WHERE id IN"))
            for file in files { counts.drop(file.blob) }
            let jobs = try connection.dueJobs(limit: limit - files.count)
            try connection.rememberExpired(jobs.map(\.id), in: "jobs")
            try connection.remove(jobs, &counts)
            try connection.remove(try connection.dueResults(limit: limit), &counts)
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
            try connection.execute(each: .naming(keys, in: "DELETE FROM doomed_blobs WHERE blob_key IN"))
        }
    }

    package func unknownBlobs(among keys: [BlobKey]) async throws -> [BlobKey] {
        guard !keys.isEmpty else { return [] }
        // Blobs first: one that is doomed meanwhile is then found where it went.
        let statements = ["blobs", "doomed_blobs"].flatMap { table -> [SQLStatement] in
            .naming(keys, in: "SELECT blob_key FROM \(table) WHERE blob_key IN")
        }
        let found = try await database.read { connection in
            try connection.query(each: statements).joined().map { try $0.only() as BlobKey }
        }
        let known = Set(found)
        return keys.filter { !known.contains($0) }
    }
}

// MARK: - Batches

extension SQLJobStore {
    /// Removes batches whose time is over, each in steps of its own, since one may have very many images.
    private func expireBatches(limit: Int) async throws {
        let due = try await database.read { connection in
            try connection.query(
                "SELECT id, total FROM batches WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", StoreClock.now, limit
            ).map { row in
                var columns = Columns(row)
                return (id: try columns.next(BatchID.self), total: try columns.next(Int.self))
            }
        }
        for batch in due where try await !prolong(batch.id) {
            for start in stride(from: 0, to: batch.total, by: Self.imagesAtOnce) {
                _ = try await database.write { connection in
                    try connection.execute(
                        "DELETE FROM batch_images WHERE batch_id = ? AND position >= ? AND position < ?", batch.id,
                        start,
                        start + Self.imagesAtOnce)
                }
            }
            try await database.write { connection in
                try connection.rememberExpired([batch.id], in: "batches")
                try connection.executeLater("DELETE FROM batches WHERE id = ?", batch.id)
            }
        }
    }

    private static var imagesAtOnce: Int { 5000 }

    /// Keeps a batch for as long as one of its jobs is unfinished.
    /// - Returns: whether it does.
    private func prolong(_ batch: BatchID) async throws -> Bool {
        try await database.write { connection in
            let isUnfinished = try !connection.query(
                "SELECT 1 FROM jobs WHERE batch_id = ? AND state IN ('queued', 'processing') LIMIT 1", batch
            ).isEmpty
            if isUnfinished {
                try connection.executeLater(
                    "UPDATE batches SET expires_at = ? + retention_milliseconds WHERE id = ?", connection.now, batch)
            }
            return isUnfinished
        }
    }
}

/// A job whose lease has ended.
private struct ClaimedJob {
    let job: JobRecord
    /// Whether it counts as a crash of this job.
    let isCharged: Bool

    init(_ row: SQLRow) throws {
        var columns = Columns(row)
        let (progress, fence) = (try columns.next(Double.self), try columns.next(Int.self))
        job = try JobRecord(&columns)
        // A delivery runs nothing that could have killed its process.
        isCharged = job.line != .deliveries && (job.crashes == 0 || progress > 0 || fence > Claim.maxUnbegun)
    }
}

extension SQLConnection {
    fileprivate func dueFiles(limit: Int) throws -> [(id: FileID, blob: BlobKey)] {
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
    fileprivate func dueResults(limit: Int) throws -> [CachedResult] {
        try query(
            """
            SELECT cache_key, blob_key FROM results WHERE expires_at <= ?
            ORDER BY expires_at LIMIT ?\(dialect.lockingFree)
            """, now, limit
        ).map(CachedResult.init)
    }

    /// Remembers what is about to go from a table.
    func rememberExpired(_ ids: [some SQLStorable], in table: String) throws {
        try executeLater(
            each: .naming(ids, in: "INSERT INTO expired (id, expired_at) SELECT id, ? FROM \(table) WHERE id IN", now))
    }

    fileprivate func forgetExpired(before time: Timestamp, limit: Int) throws {
        let rows = try query(
            "SELECT id FROM expired WHERE expired_at < ? ORDER BY expired_at LIMIT ?\(dialect.lockingFree)", time, limit
        )
        let ids = try rows.map { try $0.only() as String }
        try executeLater(each: .naming(ids, in: "DELETE FROM expired WHERE id IN"))
    }
}

extension SQLConnection {
    /// Counts crashes of jobs that are being processed, and queues them again.
    fileprivate func requeue(_ jobs: [JobRecord], crashes: Int) throws {
        try executeLater(
            each: .naming(
                jobs.map(\.id),
                in: """
                    UPDATE jobs SET crashes = crashes + ?, state = 'queued', ready_at = ?, progress = 0, worker_id = NULL,
                        lease_until = NULL
                    WHERE id IN
                    """, crashes, now))
    }

    /// Counts jobs' last crash, and ends them with their followers.
    fileprivate func end(
        crashed jobs: [JobRecord], and followers: [JobRecord], because failure: JobFailure, expiresAt: Timestamp,
        _ counts: inout Counts
    ) throws {
        try executeLater(each: .naming(jobs.map(\.id), in: "UPDATE jobs SET crashes = crashes + 1 WHERE id IN"))
        try end(jobs + followers, as: .failed, because: failure, expiresAt: expiresAt, &counts)
    }
}
