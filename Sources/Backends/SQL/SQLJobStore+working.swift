import Imaging
package import Jobs

extension SQLJobStore {
    package func claim(_ request: ClaimRequest, by worker: WorkerID, lease: Duration) async throws -> [Job] {
        let rows = try await database.write { connection in
            try connection.readyJobs(request).map { row in
                var row = row
                row.job.state = .processing
                row.job.fence += 1
                row.job.progress = 0
                row.job.startedAt = connection.now
                try connection.execute(
                    """
                    UPDATE jobs SET state = 'processing', ready_at = NULL, fence = ?, progress = 0, started_at = ?,
                        worker_id = ?, lease_until = ?
                    WHERE id = ?
                    """, row.job.fence, row.job.startedAt, worker, connection.now + lease, row.job.id)
                return row
            }
        }
        // A plan that this version cannot read must not take the others with it: its lease ends, and its crashes end it.
        return rows.compactMap { try? $0.parsed() }
    }

    package func renew(_ claims: [Claim], lease: Duration) async throws -> [Claim] {
        guard !claims.isEmpty else { return [] }
        return try await database.write { connection in
            try claims.filter { claim in
                try connection.execute(
                    """
                    UPDATE jobs SET lease_until = ?
                    WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                    """, connection.now + lease, claim.job, claim.worker, claim.fence) == 0
            }
        }
    }

    package func report(progress: Double, of claim: Claim) async throws {
        try await database.write { connection in
            let changed = try connection.execute(
                """
                UPDATE jobs SET progress = ?
                WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                """, min(max(progress, 0), 1), claim.job, claim.worker, claim.fence)
            guard changed == 1 else { throw JobStoreError.claimLost(claim.job) }
        }
    }

    package func finish(_ claim: Claim, with result: JobResult, expiresAt: Timestamp) async throws -> [JobID] {
        try await database.write { connection in
            guard let job = try connection.find(claim) else {
                if try connection.isDone(claim.job, with: result) { return [] }
                throw JobStoreError.claimLost(claim.job)
            }
            let followers = try connection.followers(of: job.id)
            // The job and the cache refer to the result, and each follower.
            try connection.create(result.blob, references: 2 + followers.count)
            try connection.execute(
                """
                INSERT INTO results (cache_key, blob_key, format, width, height, byte_count, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, job.cacheKey, result.blob, result.format, result.size.width, result.size.height,
                result.byteCount, expiresAt)
            for done in followers + [job] { try connection.complete(done, with: result, expiresAt: expiresAt) }
            return followers.map(\.id)
        }
    }

    package func fail(_ claim: Claim, because failure: JobFailure, expiresAt: Timestamp) async throws -> [JobID] {
        try await database.write { connection in
            try connection.fail(try connection.held(claim), because: failure, expiresAt: expiresAt)
        }
    }

    package func retry(_ claim: Claim, because failure: JobFailure, after delay: Duration) async throws {
        try await database.write { connection in
            let changed = try connection.execute(
                """
                UPDATE jobs SET state = 'queued', ready_at = ?, attempts = attempts + 1, progress = 0,
                    worker_id = NULL, lease_until = NULL, failure_code = ?, failure_message = ?,
                    failure_is_retryable = ?
                WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                """, connection.now + delay, failure.code, failure.message, failure.isRetryable, claim.job,
                claim.worker, claim.fence)
            guard changed == 1 else { throw JobStoreError.claimLost(claim.job) }
        }
    }

    package func release(_ claims: [Claim]) async throws {
        guard !claims.isEmpty else { return }
        try await database.write { connection in
            for claim in claims {
                try connection.execute(
                    """
                    UPDATE jobs SET state = 'queued', ready_at = ?, progress = 0, worker_id = NULL, lease_until = NULL
                    WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                    """, connection.now, claim.job, claim.worker, claim.fence)
            }
        }
    }
}

extension SQLConnection {
    /// Ready jobs, locked, those left out that another claims at this moment.
    fileprivate func readyJobs(_ request: ClaimRequest) throws -> [JobRow] {
        switch request {
        case .next(let limit, let preferred):
            var rows: [JobRow] = []
            for priority in preferred.andOthers where rows.count < limit {
                rows += try query(
                    """
                    SELECT \(JobRow.columns) FROM jobs WHERE priority = ? AND ready_at <= ?
                    ORDER BY ready_at, id LIMIT ?\(dialect.lockingFree)
                    """, priority, now, limit - rows.count
                ).map(JobRow.init)
            }
            return rows
        case .these(let ids):
            // An id that is named twice is one job.
            return try Set(ids).sorted().flatMap { id in
                try query(
                    "SELECT \(JobRow.columns) FROM jobs WHERE id = ? AND ready_at <= ?\(dialect.lockingFree)", id, now)
            }.map(JobRow.init)
        }
    }

    /// Whether this very result was published before: its key names the claim, so that it is the claim's own doing.
    fileprivate func isDone(_ job: JobID, with result: JobResult) throws -> Bool {
        let rows = try query("SELECT 1 FROM jobs WHERE id = ? AND state = 'done' AND result_key = ?", job, result.blob)
        return !rows.isEmpty
    }

    /// Ends a job as done; the result's references are counted already.
    fileprivate func complete(_ job: JobRecord, with result: JobResult, expiresAt: Timestamp) throws {
        try execute(
            """
            UPDATE jobs SET state = 'done', progress = 1, lead_key = NULL, leader_id = NULL, worker_id = NULL,
                lease_until = NULL, finished_at = ?, expires_at = ?, failure_code = NULL, failure_message = NULL,
                failure_is_retryable = NULL, result_key = ?, result_format = ?, result_width = ?, result_height = ?,
                result_byte_count = ?, is_cached = ?
            WHERE id = ?
            """, now, expiresAt, result.blob, result.format, result.size.width, result.size.height, result.byteCount,
            job.isFollower, job.id)
        try drop(job.source)
    }
}
