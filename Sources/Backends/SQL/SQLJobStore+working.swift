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

    package func finish(
        _ claim: Claim, with result: JobResult, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID] {
        try await completions(Completion(claim: claim, result: result, tries: tries, expiresAt: expiresAt))
    }

    /// What ends at the same time is published in one step.
    static func completions(in database: any SQLDatabase) -> Gathering<Completion, [JobID]> {
        Gathering(by: { $0.claim.job }) { completions in
            try await database.write { try $0.finish(completions) }
        }
    }

    package func fail(
        _ claim: Claim, because failure: JobFailure, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID] {
        try await database.write { connection in
            var counts = Counts()
            let group = try connection.held(claim)
            try connection.note(tries, of: claim.job)
            if failure.isRetryable {
                try connection.executeLater("UPDATE jobs SET attempts = attempts + 1 WHERE id = ?", claim.job)
            }
            try connection.end(group.jobs, as: .failed, because: failure, expiresAt: expiresAt, &counts)
            try counts.write(to: connection)
            return group.followers.map(\.id)
        }
    }

    package func retry(
        _ claim: Claim, because failure: JobFailure, tries: Tries?, after delay: Duration
    ) async throws {
        let changed = try await database.update { connection in
            try connection.execute(
                """
                UPDATE jobs SET state = 'queued', ready_at = ?, attempts = attempts + 1, progress = 0,
                    worker_id = NULL, lease_until = NULL, failure_code = ?, failure_message = ?,
                    failure_is_retryable = ?, tries = COALESCE(?, tries)
                WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                """, StoreClock.now + delay, failure.code, failure.message, failure.isRetryable, tries, claim.job,
                claim.worker, claim.fence)
        }
        guard changed == 1 else { throw JobStoreError.claimLost(claim.job) }
    }

    package func release(_ claims: [Claim], after delay: Duration) async throws {
        guard !claims.isEmpty else { return }
        _ = try await database.update { connection in
            try connection.execute(
                each: claims.inLockingOrder.map { claim in
                    SQLStatement(
                        """
                        UPDATE jobs SET state = 'queued', ready_at = ?, progress = 0, worker_id = NULL,
                            lease_until = NULL
                        WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                        """, StoreClock.now + delay, claim.job, claim.worker, claim.fence)
                })
        }
    }
}

extension [Claim] {
    /// Steps that change several jobs take them in one order, so that none waits for another crosswise.
    fileprivate var inLockingOrder: [Claim] { sorted { $0.job < $1.job } }
}

/// The end of a job's work.
struct Completion: Sendable {
    let claim: Claim
    let result: JobResult
    let tries: Tries?
    let expiresAt: Timestamp
}

extension SQLConnection {
    /// Publishes results, each for itself: one may come too late. No two of them are of one job.
    fileprivate func finish(_ completions: [Completion]) throws -> [Result<[JobID], any Error>] {
        let ids = completions.map(\.claim.job).sorted()
        let found = try query(lists: [
            .naming(
                ids,
                in: """
                    SELECT worker_id, fence, EXISTS (SELECT 1 FROM results WHERE results.cache_key = jobs.cache_key),
                        \(JobRecord.columns)
                    FROM jobs WHERE state = 'processing' AND id IN
                    """, ending: " ORDER BY id\(dialect.locking)"),
            .followers(of: ids, dialect),
        ])
        var held: [Claim: JobRecord] = [:]
        var cached: Set<CacheKey> = []
        for row in found[0] {
            var columns = Columns(row)
            let (worker, fence) = (try columns.next(WorkerID.self), try columns.next(Int.self))
            let isCached = try columns.next(Bool.self)
            let job = try JobRecord(&columns)
            held[Claim(job: job.id, worker: worker, fence: fence)] = job
            if isCached { cached.insert(job.cacheKey) }
        }
        let followers = Dictionary(grouping: try found[1].map(JobRecord.init), by: \.leader)
        let done = try results(of: completions.map(\.claim).filter { held[$0] == nil })

        var (blobs, entries): ([[SQLValue]], [[SQLValue]]) = ([], [])
        var counts = Counts()
        var ends: [SQLStatement] = []
        let now = try now
        let answers = completions.map { completion -> Result<[JobID], any Error> in
            let result = completion.result
            guard let job = held[completion.claim] else {
                // Published before: its key names the claim, so that it is the claim's own doing.
                if done[completion.claim.job] == result.blob { return .success([]) }
                return .failure(JobStoreError.claimLost(completion.claim.job))
            }
            let followers = followers[job.id, default: []]
            // Two may have worked for one result: the second was submitted beside the end of the first. Its own is not
            // cached.
            let isFirst = cached.insert(job.cacheKey).inserted
            // The job and the cache refer to the result, and each follower.
            let references = 1 + followers.count + (isFirst ? 1 : 0)
            blobs.append([result.blob.sqlValue, .null, references.sqlValue])
            if isFirst { entries.append(completion.cacheEntry(for: job.cacheKey)) }
            ends += completion.ends(of: [job.id], at: now, tries: completion.tries, isCached: false)
            ends += completion.ends(of: followers.map(\.id), at: now, tries: nil, isCached: true)
            for job in [job] + followers {
                counts.drop(job.source)
                counts.end(job.batch, as: .done)
            }
            return .success(followers.map(\.id))
        }
        try executeLater(each: .inserting(blobs, into: "blobs (blob_key, sha256, refs)"))
        try executeLater(
            each: .inserting(
                entries, into: "results (cache_key, blob_key, format, width, height, byte_count, facts, expires_at)"))
        try executeLater(each: ends)
        try counts.write(to: self)
        return answers
    }

    /// The results of those jobs that are done.
    private func results(of claims: [Claim]) throws -> [JobID: BlobKey] {
        var results: [JobID: BlobKey] = [:]
        let rows = try query(
            each: .naming(claims.map(\.job), in: "SELECT id, result_key FROM jobs WHERE state = 'done' AND id IN"))
        for row in rows.joined() {
            var columns = Columns(row)
            results[try columns.next()] = try columns.next(BlobKey.self)
        }
        return results
    }
}

extension Completion {
    fileprivate func cacheEntry(for key: CacheKey) -> [SQLValue] {
        let values: [(any SQLStorable)?] = [
            key, result.blob, result.content.formatColumn, result.content.sizeColumns?.width,
            result.content.sizeColumns?.height, result.byteCount, result.factsColumn, expiresAt,
        ]
        return values.map { $0?.sqlValue ?? .null }
    }

    /// Ends jobs as done; the result's references are counted already.
    fileprivate func ends(of jobs: [JobID], at now: Timestamp, tries: Tries?, isCached: Bool) -> [SQLStatement] {
        .naming(
            jobs,
            in: """
                UPDATE jobs SET state = 'done', progress = 1, lead_key = NULL, leader_id = NULL, worker_id = NULL,
                    lease_until = NULL, finished_at = ?, expires_at = ?, failure_code = NULL, failure_message = NULL,
                    failure_is_retryable = NULL, result_key = ?, result_format = ?, result_width = ?,
                    result_height = ?, result_byte_count = ?, result_facts = ?,
                    is_cached = ?, tries = COALESCE(?, tries)
                WHERE id IN
                """, now, expiresAt, result.blob, result.content.formatColumn, result.content.sizeColumns?.width,
            result.content.sizeColumns?.height, result.byteCount, result.factsColumn,
            isCached, tries)
    }
}

extension SQLConnection {
    /// Takes down the tries of a job that the same step goes on to end or to queue again.
    func note(_ tries: Tries?, of job: JobID) throws {
        if let tries { try executeLater("UPDATE jobs SET tries = ? WHERE id = ?", tries, job) }
    }
}
