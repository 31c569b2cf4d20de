import Jobs

/// The references to blobs that a step adds and takes, and the images of batches that it ends.
///
/// They are counted at the step's end, in the order of the keys, so that steps that run side by side never wait for each
/// other crosswise, and hold a blob that many share for no longer than the commit takes.
struct Counts: Sendable {
    private var changes: [BlobKey: Int] = [:]
    private var batches: [BatchID: BatchChange] = [:]

    /// Counts one reference more to a blob that is kept: by a row that this step has locked, so that it stays.
    mutating func keep(_ blob: BlobKey?) {
        if let blob { changes[blob, default: 0] += 1 }
    }

    /// Counts one reference less.
    mutating func drop(_ blob: BlobKey?) {
        if let blob { changes[blob, default: 0] -= 1 }
    }

    /// Counts the end of a job, if it is a batch's.
    mutating func end(_ batch: BatchID?, as state: Job.State) {
        guard let batch else { return }
        if state == .done {
            batches[batch, default: .none].done += 1
        } else {
            batches[batch, default: .none].failed += 1
        }
    }

    /// Takes back the end of a failed job.
    mutating func reopen(_ batch: BatchID?) {
        if let batch { batches[batch, default: .none].failed -= 1 }
    }

    /// Writes the counts, and dooms the blobs whose last reference has gone.
    func write(to connection: any SQLConnection) throws {
        try writeBlobs(to: connection)
        let now = try connection.now
        for (batch, change) in batches.sorted(by: { $0.key < $1.key }) {
            // MySQL's later assignments see what the earlier ones made, so the counts come last. PostgreSQL takes a
            // parameter for text where nothing says otherwise.
            try connection.executeLater(
                """
                UPDATE batches SET expires_at = ? + retention_milliseconds,
                    finished_at = CASE WHEN done + failed + ? = total THEN COALESCE(?, created_at) END, done = done + ?,
                    failed = failed + ?
                WHERE id = ?
                """, now, change.done + change.failed, now, change.done, change.failed, batch)
        }
    }

    private func writeBlobs(to connection: any SQLConnection) throws {
        let blobs = changes.filter { $0.value != 0 }.keys.sorted { $0.rawValue < $1.rawValue }
        let locking = connection.dialect.locking
        if blobs.count > 1, !locking.isEmpty {
            // An update goes through its rows in an order of its own.
            try connection.executeLater(
                each: .naming(
                    blobs, in: "SELECT 1 FROM blobs WHERE blob_key IN", ending: " ORDER BY blob_key\(locking)"))
        }
        for (change, blobs) in Dictionary(grouping: blobs, by: { changes[$0, default: 0] }) {
            try connection.executeLater(
                each: .naming(blobs, in: "UPDATE blobs SET refs = refs + ? WHERE blob_key IN", change))
        }
        let dropped = blobs.filter { changes[$0, default: 0] < 0 }
        try connection.executeLater(
            each: .naming(
                dropped,
                in: "INSERT INTO doomed_blobs (blob_key) SELECT blob_key FROM blobs WHERE refs = 0 AND blob_key IN"))
        try connection.executeLater(each: .naming(dropped, in: "DELETE FROM blobs WHERE refs = 0 AND blob_key IN"))
    }
}

/// How many images of a batch have ended, more than before.
private struct BatchChange: Sendable {
    var done: Int
    var failed: Int

    static let none = BatchChange(done: 0, failed: 0)
}

/// An entry of the cache.
struct CachedResult: Hashable, Sendable {
    let key: CacheKey
    let blob: BlobKey

    init(key: CacheKey, blob: BlobKey) {
        self.key = key
        self.blob = blob
    }

    /// Reads `cache_key` and `blob_key`.
    init(_ row: SQLRow) throws {
        var columns = Columns(row)
        self.init(key: try columns.next(), blob: try columns.next())
    }
}

extension SQLConnection {
    /// Records new bytes that this step refers to so many times.
    func create(_ blob: BlobKey, sha256: ContentDigest? = nil, references: Int) throws {
        try executeLater("INSERT INTO blobs (blob_key, sha256, refs) VALUES (?, ?, ?)", blob, sha256, references)
    }

    /// Takes results out of the cache, where they are the ones that are there.
    func uncache(_ results: [CachedResult], _ counts: inout Counts) throws {
        let wanted = Set(results)
        let found = try query(
            each: .naming(
                Set(results.map(\.key)), in: "SELECT cache_key, blob_key FROM results WHERE cache_key IN",
                ending: dialect.locking))
        try remove(found.joined().map(CachedResult.init).filter(wanted.contains), &counts)
    }

    /// Removes cache entries that this step has locked.
    func remove(_ results: [CachedResult], _ counts: inout Counts) throws {
        try executeLater(each: .naming(results.map(\.key), in: "DELETE FROM results WHERE cache_key IN"))
        for result in results { counts.drop(result.blob) }
    }
}
