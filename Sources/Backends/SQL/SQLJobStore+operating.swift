package import Jobs

extension SQLJobStore {
    package func cancel(_ id: JobID) async throws -> Job {
        try await database.write { connection in
            let job = try connection.record(of: id)
            guard !job.state.isFinal else { throw JobStoreError.isFinal(job.state) }
            // A canceled job is kept as long as its file.
            let files = try connection.query(
                "SELECT expires_at FROM files WHERE id = (SELECT file_id FROM jobs WHERE id = ?)", id)
            let expiresAt = try files.first.map { row in
                var columns = Columns(row)
                return try columns.next(Timestamp.self)
            }
            try connection.cancel(job, expiresAt: expiresAt ?? connection.now)
            return try JobRow(try connection.query("SELECT \(JobRow.columns) FROM jobs WHERE id = ?", id)[0])
        }.parsed()
    }
}
