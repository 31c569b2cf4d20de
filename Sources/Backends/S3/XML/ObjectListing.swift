import Jobs

/// One page of ListObjectsV2, asked for with `encoding-type=url`.
struct ObjectListing: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        /// The whole key, with the storage's prefix.
        let key: String
        /// Whole seconds, rounded down.
        let modifiedAt: Timestamp
    }

    let entries: [Entry]
    /// Asks for the next page; `nil` on the last.
    let continuation: String?

    /// - Throws: ``ObjectStorageError/unavailable(reason:)`` where it is no such page.
    init(_ document: [UInt8]) throws(ObjectStorageError) {
        let wrong = ObjectStorageError.unavailable(reason: "the list of objects cannot be read")
        guard let root = try? XMLElement(document), root.name == "ListBucketResult" else { throw wrong }
        var entries: [Entry] = []
        for child in root.children where child.name == "Contents" {
            guard let key = child["Key"]?.unescaped,
                let time = child["LastModified"].flatMap(Timestamp.init(wholeSecondsOf:))
            else { throw wrong }
            entries.append(Entry(key: key, modifiedAt: time))
        }
        self.entries = entries
        switch root["IsTruncated"] {
        case "true":
            guard let token = root["NextContinuationToken"], !token.isEmpty else { throw wrong }
            continuation = token
        case "false": continuation = nil
        default: throw wrong
        }
    }
}

extension String {
    /// Undoes URL encoding, in which S3 writes a space as `+`; `nil` where it is none.
    var unescaped: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                    return nil
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
