import Imaging
package import Jobs

extension SQLJobStore {
    package func renew(_ claims: [Claim], lease: Duration) async throws -> [Claim] {
        guard !claims.isEmpty else { return [] }
        let claims = claims.inLockingOrder
        let found = try await database.update { connection in
            try connection.execute(
                each: claims.map { claim in
                    SQLStatement(
                        """
                        UPDATE jobs SET lease_until = ?
                        WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                        """, StoreClock.now + lease, claim.job, claim.worker, claim.fence)
                })
        }
        return zip(claims, found).filter { $0.1 == 0 }.map(\.0)
    }

    package func report(progress: Double, of claim: Claim) async throws {
        let changed = try await database.update { connection in
            try connection.execute(
                """
                UPDATE jobs SET progress = ?
                WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                """, min(max(progress, 0), 1), claim.job, claim.worker, claim.fence)
        }
        guard changed == 1 else { throw JobStoreError.claimLost(claim.job) }
    }

    package func finish(_ claim: Claim, with result: JobResult, expiresAt: Timestamp) async throws -> [JobID] {
        try await database.write { connection in
            let dialect = connection.dialect
            let found = try connection.query(
                each: [.held(claim, dialect)] + [SQLStatement].followers(of: [claim.job], dialect) + [
                    SQLStatement(
                        "SELECT 1 FROM results WHERE cache_key = (SELECT cache_key FROM jobs WHERE id = ?)", claim.job)
                ])
            guard let job = try found[0].first.map(JobRecord.init) else {
                if try connection.isDone(claim.job, with: result) { return [] }
                throw JobStoreError.claimLost(claim.job)
            }
            let followers = try found[1].map(JobRecord.init)
            // Two may have worked for one result: the second was submitted beside the end of the first. Its own is not cached.
            let isCached = !found[2].isEmpty
            // The job and the cache refer to the result, and each follower.
            try connection.create(result.blob, references: 1 + followers.count + (isCached ? 0 : 1))
            if !isCached { try connection.cache(result, for: job.cacheKey, expiresAt: expiresAt) }
            var counts = BlobCounts()
            try connection.complete([job], with: result, isCached: false, expiresAt: expiresAt, &counts)
            try connection.complete(followers, with: result, isCached: true, expiresAt: expiresAt, &counts)
            try counts.write(to: connection)
            return followers.map(\.id)
        }
    }

    package func fail(_ claim: Claim, because failure: JobFailure, expiresAt: Timestamp) async throws -> [JobID] {
        try await database.write { connection in
            var counts = BlobCounts()
            let group = try connection.held(claim)
            try connection.end(group.jobs, as: .failed, because: failure, expiresAt: expiresAt, &counts)
            try counts.write(to: connection)
            return group.followers.map(\.id)
        }
    }

    package func retry(_ claim: Claim, because failure: JobFailure, after delay: Duration) async throws {
        let changed = try await database.update { connection in
            try connection.execute(
                """
                UPDATE jobs SET state = 'queued', ready_at = ?, attempts = attempts + 1, progress = 0,
                    worker_id = NULL, lease_until = NULL, failure_code = ?, failure_message = ?,
                    failure_is_retryable = ?
                WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                """, StoreClock.now + delay, failure.code, failure.message, failure.isRetryable, claim.job,
                claim.worker, claim.fence)
        }
        guard changed == 1 else { throw JobStoreError.claimLost(claim.job) }
    }

    package func release(_ claims: [Claim]) async throws {
        guard !claims.isEmpty else { return }
        _ = try await database.update { connection in
            try connection.execute(
                each: claims.inLockingOrder.map { claim in
                    SQLStatement(
                        """
                        UPDATE jobs SET state = 'queued', ready_at = ?, progress = 0, worker_id = NULL,
                            lease_until = NULL
                        WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                        """, StoreClock.now, claim.job, claim.worker, claim.fence)
                })
        }
    }
}

extension [Claim] {
    /// Steps that change several jobs take them in one order, so that none waits for another crosswise.
    fileprivate var inLockingOrder: [Claim] { sorted { $0.job < $1.job } }
}

extension SQLConnection {
    /// Whether this very result was published before: its key names the claim, so that it is the claim's own doing.
    fileprivate func isDone(_ job: JobID, with result: JobResult) throws -> Bool {
        let rows = try query("SELECT 1 FROM jobs WHERE id = ? AND state = 'done' AND result_key = ?", job, result.blob)
        return !rows.isEmpty
    }

    fileprivate func cache(_ result: JobResult, for key: CacheKey, expiresAt: Timestamp) throws {
        try executeLater(
            """
            INSERT INTO results (cache_key, blob_key, format, width, height, byte_count, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, key, result.blob, result.format, result.size.width, result.size.height, result.byteCount, expiresAt)
    }

    /// Ends jobs as done; the result's references are counted already.
    fileprivate func complete(
        _ jobs: [JobRecord], with result: JobResult, isCached: Bool, expiresAt: Timestamp, _ counts: inout BlobCounts
    ) throws {
        try executeLater(
            each: .naming(
                jobs.map(\.id),
                in: """
                    UPDATE jobs SET state = 'done', progress = 1, lead_key = NULL, leader_id = NULL, worker_id = NULL,
                        lease_until = NULL, finished_at = ?, expires_at = ?, failure_code = NULL, failure_message = NULL,
                        failure_is_retryable = NULL, result_key = ?, result_format = ?, result_width = ?,
                        result_height = ?, result_byte_count = ?, is_cached = ?
                    WHERE id IN
                    """, now, expiresAt, result.blob, result.format, result.size.width, result.size.height,
                result.byteCount, isCached))
        for job in jobs { counts.drop(job.source) }
    }
}
