import Imaging
package import Jobs

extension SQLJobStore {
    package func insert(_ file: StoredFile) async throws -> StoredFile {
        try await database.write { connection in
            var file = file
            let same = try connection.query(
                "SELECT blob_key FROM blobs WHERE sha256 = ?\(connection.dialect.locking)", file.sha256)
            file.isDuplicate = !same.isEmpty
            if let row = same.first {
                var columns = Columns(row)
                file.blob = try columns.next()
                var counts = Counts()
                counts.keep(file.blob)
                try counts.write(to: connection)
            } else {
                try connection.create(file.blob, sha256: file.sha256, references: 1)
            }
            try connection.executeLater(
                "INSERT INTO files (\(StoredFile.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                file.id, file.name, file.format, file.size.width, file.size.height, file.byteCount, file.sha256,
                file.blob, file.isDuplicate, file.createdAt, file.expiresAt)
            return file
        }
    }

    package func file(_ id: FileID) async throws -> StoredFile {
        try await database.read { connection in
            let rows = try connection.query("SELECT \(StoredFile.columns) FROM files WHERE id = ?", id)
            guard let row = rows.first else { throw try connection.absence(of: id) }
            return try StoredFile(row)
        }
    }

    package func files(after cursor: FileID?, limit: Int) async throws -> [StoredFile] {
        try await database.read { connection in
            let (place, values) = newestFirst(after: cursor, limit: limit)
            return try connection.query("SELECT \(StoredFile.columns) FROM files\(place)", with: values)
                .map(StoredFile.init)
        }
    }

    package func deleteFile(_ id: FileID) async throws -> (canceled: [JobID], heirs: [ReadyJob]) {
        try await database.write { connection in
            let files = try connection.query(
                "SELECT blob_key, expires_at FROM files WHERE id = ?\(connection.dialect.locking)", id)
            guard let row = files.first else { throw try connection.absence(of: id) }
            var columns = Columns(row)
            let blob = try columns.next(BlobKey.self)
            let expiresAt = try columns.next(Timestamp.self)

            let jobs = try connection.query(
                "SELECT \(JobRecord.columns) FROM jobs WHERE file_id = ? ORDER BY id\(connection.dialect.locking)", id
            ).map(JobRecord.init)
            var counts = Counts()
            let unfinished = jobs.filter { !$0.state.isFinal }
            let heirs = try connection.cancel(unfinished, expiresAt: expiresAt, &counts)
            try connection.remove(jobs.filter(\.state.isFinal), &counts)
            try connection.executeLater("DELETE FROM files WHERE id = ?", id)
            counts.drop(blob)
            try counts.write(to: connection)
            return (unfinished.map(\.id), heirs)
        }
    }
}

/// The end of a statement that lists rows newest first, which is by falling ids, and its parameters.
func newestFirst(
    after cursor: (any SQLStorable)?, where wanted: [(text: String, value: any SQLStorable)?] = [], limit: Int
) -> (text: String, values: [SQLValue]) {
    let conditions = (wanted + [cursor.map { ("id < ?", $0) }]).compactMap(\.self)
    let list = conditions.map(\.text).joined(separator: " AND ")
    return (
        "\(list.isEmpty ? "" : " WHERE \(list)") ORDER BY id DESC LIMIT ?",
        conditions.map(\.value.sqlValue) + [limit.sqlValue]
    )
}
