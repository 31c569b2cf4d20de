import Jobs

/// The counting of what keeps a blob, always in the step that adds or takes the reference.
extension SQLConnection {
    /// Records new bytes that this step refers to so many times.
    func create(_ blob: BlobKey, sha256: ContentDigest? = nil, references: Int) throws {
        try execute("INSERT INTO blobs (blob_key, sha256, refs) VALUES (?, ?, ?)", blob, sha256, references)
    }

    /// Counts one reference more.
    /// - Throws: ``JobStoreError/sourceGone`` where the bytes are no longer kept.
    func keep(_ blob: BlobKey) throws {
        guard try execute("UPDATE blobs SET refs = refs + 1 WHERE blob_key = ?", blob) == 1 else {
            throw JobStoreError.sourceGone
        }
    }

    /// Counts one reference less, and dooms the blob with the last.
    func drop(_ blob: BlobKey) throws {
        guard try execute("UPDATE blobs SET refs = refs - 1 WHERE blob_key = ? AND refs > 1", blob) == 0 else { return }
        try execute("DELETE FROM blobs WHERE blob_key = ?", blob)
        try execute("INSERT INTO doomed_blobs (blob_key) VALUES (?)", blob)
    }

    /// Takes a result out of the cache, where it is the one that is there.
    func uncache(_ key: CacheKey, _ blob: BlobKey) throws {
        guard try execute("DELETE FROM results WHERE cache_key = ? AND blob_key = ?", key, blob) == 1 else { return }
        try drop(blob)
    }
}
