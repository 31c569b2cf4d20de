import Jobs

/// The references to blobs that a step adds and takes.
///
/// They are counted at the step's end, in the order of the keys, so that steps that run side by side never wait for each
/// other crosswise, and hold a blob that many share for no longer than the commit takes.
struct BlobCounts: Sendable {
    private var changes: [BlobKey: Int] = [:]

    /// Counts one reference more to a blob that is kept: by a row that this step has locked, so that it stays.
    mutating func keep(_ blob: BlobKey) { changes[blob, default: 0] += 1 }

    /// Counts one reference less.
    mutating func drop(_ blob: BlobKey) { changes[blob, default: 0] -= 1 }

    /// Writes the counts, and dooms the blobs whose last reference has gone.
    func write(to connection: any SQLConnection) throws {
        for (blob, change) in changes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where change != 0 {
            try connection.executeLater("UPDATE blobs SET refs = refs + ? WHERE blob_key = ?", change, blob)
            guard change < 0 else { continue }
            try connection.executeLater(
                "INSERT INTO doomed_blobs (blob_key) SELECT blob_key FROM blobs WHERE blob_key = ? AND refs = 0", blob)
            try connection.executeLater("DELETE FROM blobs WHERE blob_key = ? AND refs = 0", blob)
        }
    }
}

extension SQLConnection {
    /// Records new bytes that this step refers to so many times.
    func create(_ blob: BlobKey, sha256: ContentDigest? = nil, references: Int) throws {
        try executeLater("INSERT INTO blobs (blob_key, sha256, refs) VALUES (?, ?, ?)", blob, sha256, references)
    }

    /// Takes results out of the cache, where they are the ones that are there.
    func uncache(_ results: [(key: CacheKey, blob: BlobKey)], _ counts: inout BlobCounts) throws {
        guard !results.isEmpty else { return }
        let found = try execute(
            each: results.map { result in
                SQLStatement("DELETE FROM results WHERE cache_key = ? AND blob_key = ?", result.key, result.blob)
            })
        for (result, count) in zip(results, found) where count == 1 { counts.drop(result.blob) }
    }
}
