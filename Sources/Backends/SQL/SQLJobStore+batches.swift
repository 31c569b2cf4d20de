package import Jobs

extension SQLJobStore {
    package func begin(_ batch: Batch, key: IdempotencyKey?) async throws -> (batch: Batch, isRepeated: Bool) {
        try await database.write { connection in
            if let key, let known = try connection.batch(begunWith: key) { return (known, true) }
            try connection.executeLater(
                """
                INSERT INTO batches (\(Batch.columns), expires_at, webhook_owed)
                VALUES (?, ?, ?, 0, 0, ?, NULL, ?, ?, ?, ?)
                """, batch.id, batch.publicURL, batch.total, batch.createdAt,
                Int(batch.retention.milliseconds), batch.webhookURL, connection.now + batch.retention,
                batch.webhookURL.map { _ in 1 })
            if let key {
                try connection.executeLater(
                    "INSERT INTO idempotency_keys (idempotency_key, fingerprint, made_batch_id) VALUES (?, ?, ?)",
                    key.key, key.fingerprint, batch.id)
            }
            return (batch, false)
        }
    }

    package func add(_ images: [BatchImage], at position: Int, to batch: BatchID) async throws -> [ReadyJob] {
        try await database.write { connection in
            let range = SQLStatement(
                "SELECT position FROM batch_images WHERE batch_id = ? AND position >= ? AND position < ?", batch,
                position, position + images.count)
            let known = Set(try connection.query(each: [range])[0].map { try $0.only() as Int })
            let fresh = images.enumerated().map { (position + $0, $1) }.filter { !known.contains($0.0) }
            guard try !connection.query("SELECT 1 FROM batches WHERE id = ?", batch).isEmpty else {
                throw try connection.absence(of: batch)
            }
            let taken = try connection.submit(
                fresh.compactMap { $0.1.job.map { NewJob(job: $0, task: $0.taskText, key: nil) } })
            var counts = Counts()
            for image in fresh where image.1.job == nil { counts.end(batch, as: .failed) }
            try counts.write(to: connection)
            // After the counts: MySQL locks the batch for its images too, but so that two steps could both have it.
            try connection.executeLater(
                each: .inserting(
                    fresh.map { $0.1.values(at: $0.0, in: batch) },
                    into: "batch_images (batch_id, position, \(BatchEntry.columns), job_id)"))
            return try taken.compactMap { taken in
                guard case .accepted(let job, isReady: true) = try taken.get() else { return nil }
                return job.ready
            }
        }
    }

    package func batch(_ id: BatchID) async throws -> Batch {
        try await database.read { connection in
            let rows = try connection.query(
                "SELECT \(Batch.columns) FROM batches WHERE id = ?", id)
            guard let row = rows.first else { throw try connection.absence(of: id) }
            var columns = Columns(row)
            return try Batch(&columns)
        }
    }

    package func batches(after cursor: BatchID?, limit: Int) async throws -> [Batch] {
        try await database.read { connection in
            let (place, values) = newestFirst(after: cursor, limit: limit)
            return try connection.query("SELECT \(Batch.columns) FROM batches\(place)", with: values).map { row in
                var columns = Columns(row)
                return try Batch(&columns)
            }
        }
    }

    package func images(of batch: BatchID, from position: Int, limit: Int) async throws -> [BatchImage] {
        let rows = try await database.read { connection in
            let entries = try connection.query(
                """
                SELECT \(BatchEntry.columns), job_id FROM batch_images WHERE batch_id = ? AND position >= ?
                ORDER BY position LIMIT ?
                """, batch, position, limit
            ).map { row in
                var columns = Columns(row)
                return (entry: try BatchEntry(&columns), job: try columns.next(optional: JobID.self))
            }
            let jobs = try connection.query(
                each: .naming(entries.compactMap(\.job), in: "SELECT \(JobRow.columns) FROM jobs WHERE id IN"))
            return (entries, try jobs.joined().map(JobRow.init))
        }
        var jobs: [JobID: Job] = [:]
        for row in rows.1 { jobs[row.job.id] = try row.parsed() }
        return rows.0.map { entry, job in BatchImage(entry: entry, job: job.flatMap { jobs[$0] }) }
    }
}

extension SQLConnection {
    /// - Throws: ``JobStoreError/idempotencyKeyReused``.
    fileprivate func batch(begunWith key: IdempotencyKey) throws -> Batch? {
        let rows = try query(
            """
            SELECT fingerprint, \(Batch.columns) FROM idempotency_keys
            LEFT JOIN batches ON batches.id = made_batch_id WHERE idempotency_key = ?
            """, key.key)
        guard let row = rows.first else { return nil }
        var columns = Columns(row)
        guard try columns.next() == key.fingerprint else { throw JobStoreError.idempotencyKeyReused }
        return try Batch(&columns)
    }
}

extension Batch {
    /// What ``init(_:)`` reads, in its order.
    static let columns =
        "id, public_url, total, done, failed, created_at, finished_at, retention_milliseconds, webhook_url"

    init(_ columns: inout Columns) throws {
        let (id, publicURL, total) = (
            try columns.next(BatchID.self), try columns.next(String.self), try columns.next(Int.self)
        )
        let (done, failed) = (try columns.next(Int.self), try columns.next(Int.self))
        let createdAt = try columns.next(Timestamp.self)
        let finishedAt = try columns.next(optional: Timestamp.self)
        self.init(
            id: id, publicURL: publicURL, total: total, createdAt: createdAt,
            retention: .milliseconds(try columns.next(Int.self)), webhookURL: try columns.next(optional: String.self))
        (self.done, self.failed, self.finishedAt) = (done, failed, finishedAt)
    }
}

extension BatchEntry {
    /// What ``init(_:)`` reads, in its order.
    fileprivate static let columns = "line, serial_number, product_name, url, failure_code, failure_message"

    fileprivate init(_ columns: inout Columns) throws {
        let (line, serialNumber, productName, url) = (
            try columns.next(Int.self), try columns.next(String.self), try columns.next(String.self),
            try columns.next(String.self)
        )
        let (code, message) = (try columns.next(optional: String.self), try columns.next(optional: String.self))
        self.init(
            line: line, serialNumber: serialNumber, productName: productName, url: url,
            failure: code.map { JobFailure(code: $0, message: message ?? "", isRetryable: false) })
    }
}

extension BatchImage {
    fileprivate func values(at position: Int, in batch: BatchID) -> [SQLValue] {
        let values: [(any SQLStorable)?] = [
            batch, position, entry.line, entry.serialNumber, entry.productName, entry.url, entry.failure?.code,
            entry.failure?.message, job?.id,
        ]
        return values.map { $0?.sqlValue ?? .null }
    }
}
