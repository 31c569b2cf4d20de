import Jobs

extension S3Settings {
    /// What an object is called in the bucket.
    /// - Throws: ``ObjectStorageError/missing(_:)`` for what is no key of ours: nobody has put anything there.
    func objectKey(of key: BlobKey) throws(ObjectStorageError) -> String {
        guard isKey(key) else { throw .missing(key) }
        return prefix + key.rawValue
    }

    /// The key of an object in a listing; `nil` where it is not one of ours.
    func blobKey(of objectKey: String) -> BlobKey? {
        guard objectKey.hasPrefix(prefix) else { return nil }
        let key = BlobKey(rawValue: String(objectKey.dropFirst(prefix.count)))
        return isKey(key) ? key : nil
    }

    /// A key leads nowhere but below the two folders, whoever made it.
    func isKey(_ key: BlobKey) -> Bool {
        let parts = key.rawValue.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, [BlobKey.originals[...], BlobKey.results[...]].contains(parts[0]) else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && !part.hasPrefix(".") && part.utf8.allSatisfy(Self.isKeyByte)
        }
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
