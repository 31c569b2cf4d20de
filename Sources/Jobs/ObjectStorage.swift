package import SystemPackage

/// Keeps the bytes of originals and results. A key is written once, whole, and never changed after.
package protocol ObjectStorage: Sendable {
    /// What `/health` calls it: `disk`.
    var kind: String { get }

    /// One cheap round trip, to see that the storage answers and has room.
    func ping() async throws

    /// Takes over a finished file of ours under a key. It is there whole, and as durable as the storage is set up to be,
    /// when this returns; before that, and where it throws, nobody sees anything of it. The file is gone from its old
    /// place either way.
    func put(_ file: FilePath, as key: BlobKey) async throws

    /// Keeps a few bytes under a key, with the same promises.
    func put(_ bytes: [UInt8], as key: BlobKey) async throws

    /// Lends a local file with the object's bytes for as long as `body` runs; it must not be changed.
    func withLocalFile<R: Sendable>(_ key: BlobKey, _ body: (FilePath) async throws -> R) async throws -> R

    /// Opens an object for reading.
    func open(_ key: BlobKey) async throws -> any ObjectReader

    /// How long an object is; `nil` where there is none. Cheaper than opening it.
    func byteCount(of key: BlobKey) async throws -> Int?

    /// Deletes an object; one that is not there is no error.
    func delete(_ key: BlobKey) async throws

    /// Calls `body` with pages of the keys of objects that were written before `time`.
    func forEachPage(writtenBefore time: Timestamp, _ body: ([BlobKey]) async throws -> Void) async throws

    /// A URL at which anybody who has it gets an object from the storage itself, for a while; `nil` where the storage has no
    /// URLs of its own. Whether there is such an object is not asked.
    ///
    /// - Parameters:
    ///   - contentType: what the answer's field of that name will say.
    ///   - contentDisposition: likewise, such as `attachment; filename="a.png"`.
    func presignedURL(
        for key: BlobKey, contentType: String, contentDisposition: String, validFor duration: Duration
    ) async throws -> String?
}

extension ObjectStorage {
    package func presignedURL(
        for key: BlobKey, contentType: String, contentDisposition: String, validFor duration: Duration
    ) async throws -> String? { nil }
}

/// Reads parts of one object.
package protocol ObjectReader: Sendable {
    var byteCount: Int { get }

    /// Reads up to `count` bytes (at least one) from `offset`.
    func read(at offset: Int, count: Int) async throws -> [UInt8]

    func close() async
}

package enum ObjectStorageError: Error, Hashable, Sendable {
    case missing(BlobKey)
    /// No room for the bytes.
    case full
    /// The storage does not answer; `reason` is its own message.
    case unavailable(reason: String)
}
