package import Imaging

/// An uploaded original.
package struct StoredFile: Sendable, Hashable {
    package var id: FileID
    /// What the client called it; never part of a path of ours.
    package var name: String
    package var format: ImageFormat
    /// Upright, in pixels.
    package var size: Size
    package var byteCount: Int
    package var sha256: ContentDigest
    /// Where the bytes are; shared by files of the same bytes.
    package var blob: BlobKey
    /// Whether the bytes were there before.
    package var isDuplicate: Bool
    package var createdAt: Timestamp
    package var expiresAt: Timestamp

    package init(
        id: FileID, name: String, format: ImageFormat, size: Size, byteCount: Int, sha256: ContentDigest, blob: BlobKey,
        isDuplicate: Bool = false, createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.format = format
        self.size = size
        self.byteCount = byteCount
        self.sha256 = sha256
        self.blob = blob
        self.isDuplicate = isDuplicate
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// The name of an object in the object storage: generated, of letters, digits, `-`, `.` and `/`, and used once only.
package struct BlobKey: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// For an upload; the file's id makes it new even where the bytes are not.
    package static func original(_ file: FileID) -> BlobKey {
        BlobKey(rawValue: "\(originals)/\(folder(of: file))/\(file)")
    }

    /// For the result of one try of one job: a try that lost its lease writes beside the winner, never over it.
    package static func result(_ job: JobID, fence: Int, fileExtension: String) -> BlobKey {
        BlobKey(rawValue: "\(results)/\(folder(of: job))/\(job).\(fence).\(fileExtension)")
    }

    /// Whether it is one of these, or of what a put that was cut short has left beside it, and not somebody else's file.
    package var isGenerated: Bool {
        let text = rawValue.hasSuffix(Self.partSuffix) ? rawValue.dropLast(Self.partSuffix.count) : rawValue[...]
        let name = text.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        if let file = FileID(name) { return Self.original(file).rawValue == text }
        guard parts.count == 3, let job = JobID(parts[0]), let fence = Int(parts[1]) else { return false }
        return Self.result(job, fence: fence, fileExtension: String(parts[2])).rawValue == text
    }

    /// What a storage may end the names of objects with that are not whole yet.
    package static let partSuffix = ".part"

    /// One of 256, another every 17 minutes: keys that are made together stay together, in a store's index (which then
    /// changes in one place and not all over) as on a disk.
    private static func folder(of id: some Identifier) -> Substring { id.description.dropFirst(5).prefix(2) }

    /// The first parts of the keys there are.
    package static let originals = "originals"
    package static let results = "results"

    package var description: String { rawValue }
}
