package import Jobs

extension SQLJobStore {
    package func cancel(_ id: JobID, expiresAt: Timestamp) async throws -> (job: Job, heir: ReadyJob?) {
        let (row, heir) = try await database.write { connection in
            let locking = connection.dialect.locking
            let found = try connection.query(
                each: [
                    SQLStatement("SELECT \(JobRecord.columns) FROM jobs WHERE id = ?\(locking)", id),
                    SQLStatement("SELECT expires_at FROM files WHERE id = (SELECT file_id FROM jobs WHERE id = ?)", id),
                ])
            guard let job = try found[0].first.map(JobRecord.init) else { throw try connection.absence(of: id) }
            guard !job.state.isFinal else { throw JobStoreError.isFinal(job.state) }
            let fileExpiresAt = try found[1].first.map { row in
                var columns = Columns(row)
                return try columns.next(Timestamp.self)
            }
            var counts = Counts()
            let heir = try connection.cancel([job], expiresAt: fileExpiresAt ?? expiresAt, &counts).first
            try counts.write(to: connection)
            return (try JobRow(try connection.query("SELECT \(JobRow.columns) FROM jobs WHERE id = ?", id)[0]), heir)
        }
        return (try row.parsed(), heir)
    }

    package func discardFailed(_ id: JobID) async throws {
        try await database.write { connection in
            let found = try connection.query(
                "SELECT webhook_owed, \(JobRecord.columns) FROM jobs WHERE id = ?\(connection.dialect.locking)", id)
            guard let row = found.first else { throw try connection.absence(of: id) }
            var columns = Columns(row)
            let isOwed = try columns.next(optional: Bool.self) ?? false
            let job = try JobRecord(&columns)
            guard job.state == .failed else { throw JobStoreError.notFailed(job.state) }
            guard !isOwed else { throw JobStoreError.webhookOwed }
            var counts = Counts()
            try connection.rememberExpired([id], in: "jobs")
            try connection.remove([job], &counts)
            try counts.write(to: connection)
        }
    }

    package func pause(_ isPaused: Bool) async throws {
        try await database.write { connection in
            // Always the same row, so that those who say the same at once wait for each other.
            try connection.execute("DELETE FROM pauses WHERE id = 1")
            if isPaused { try connection.execute("INSERT INTO pauses (id) VALUES (1)") }
        }
    }

    package func drain(_ worker: WorkerID, _ isDraining: Bool) async throws {
        let found = try await database.update { connection in
            try connection.execute("UPDATE workers SET is_draining = ? WHERE id = ?", isDraining, worker)
        }
        guard found == 1 else { throw JobStoreError.unknown }
    }
}
