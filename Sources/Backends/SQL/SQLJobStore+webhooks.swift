package import Jobs

extension SQLJobStore {
    package func owedWebhooks(limit: Int) async throws -> [OwedWebhook] {
        let (jobs, batches) = try await database.read { connection in
            func owed(_ columns: String, by table: String) -> SQLStatement {
                SQLStatement(
                    """
                    SELECT \(columns) FROM \(table) WHERE webhook_owed = 1 AND finished_at <= ?
                    ORDER BY finished_at LIMIT ?
                    """, StoreClock.now, limit)
            }
            let found = try connection.query(each: [
                owed(JobRow.columns, by: "jobs"), owed(Batch.columns, by: "batches"),
            ])
            return (
                try found[0].map(JobRow.init),
                try found[1].map { row in
                    var columns = Columns(row)
                    return try Batch(&columns)
                }
            )
        }
        return jobs.compactMap { try? .job($0.parsed()) } + batches.map { .batch($0) }
    }

    package func schedule(_ deliveries: [NewDelivery]) async throws {
        guard !deliveries.isEmpty else { return }
        let deliveries = deliveries.inLockingOrder.map {
            ($0.owed, NewJob(job: $0.job, task: $0.job.taskText, key: nil))
        }
        try await database.write { connection in
            let changed = try connection.execute(each: deliveries.map { owed, _ in .settling(owed) })
            let due = zip(deliveries, changed).filter { $0.1 == 1 }.map { $0.0.1 }
            for taken in try connection.submit(due) { _ = try taken.get() }
        }
    }

    package func finish(_ claim: Claim, tries: Tries?, expiresAt: Timestamp) async throws {
        let isFinished = try await database.write { connection in
            let changed = try connection.execute(
                """
                UPDATE jobs SET state = 'done', progress = 1, lead_key = NULL, worker_id = NULL, lease_until = NULL,
                    finished_at = ?, expires_at = ?, failure_code = NULL, failure_message = NULL,
                    failure_is_retryable = NULL, tries = COALESCE(?, tries)
                WHERE id = ? AND state = 'processing' AND worker_id = ? AND fence = ?
                """, connection.now, expiresAt, tries, claim.job, claim.worker, claim.fence)
            if changed == 1 { return true }
            // Said before: the answer was lost on the way.
            return try !connection.query(
                "SELECT 1 FROM jobs WHERE id = ? AND state = 'done' AND fence = ?", claim.job, claim.fence
            ).isEmpty
        }
        guard isFinished else { throw JobStoreError.claimLost(claim.job) }
    }
}

extension [NewDelivery] {
    /// Jobs by their ids, then batches by theirs, as all steps take them.
    fileprivate var inLockingOrder: [NewDelivery] {
        func place(_ delivery: NewDelivery) -> (Int, String) {
            switch delivery.owed.subject {
            case .job(let id): (0, id.description)
            case .batch(let id): (1, id.description)
            }
        }
        return sorted { place($0) < place($1) }
    }
}

extension SQLStatement {
    /// Says that a webhook is owed no more, where it is, for this end of its subject.
    fileprivate static func settling(_ owed: OwedWebhook) -> SQLStatement {
        func settling(_ id: some SQLStorable, in table: String) -> SQLStatement {
            SQLStatement(
                "UPDATE \(table) SET webhook_owed = NULL WHERE id = ? AND webhook_owed = 1 AND finished_at = ?", id,
                owed.finishedAt)
        }
        return switch owed.subject {
        case .job(let id): settling(id, in: "jobs")
        case .batch(let id): settling(id, in: "batches")
        }
    }
}
