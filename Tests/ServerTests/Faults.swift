import Jobs
import Synchronization
import SystemPackage

/// What a disk refuses to do.
final class Faults: Sendable {
    private let storageError = Mutex<(any Error)?>(nil)
    private let readingError = Mutex<(any Error)?>(nil)
    private let scratchError = Mutex<(any Error)?>(nil)
    private let publicAddress = Mutex<String?>(nil)

    /// Thrown by every call to the storage.
    func breakStorage(_ error: (any Error)?) { storageError.withLock { $0 = error } }
    /// Thrown where an object is opened.
    func breakReading(_ error: (any Error)?) { readingError.withLock { $0 = error } }
    /// Thrown by every write of an upload.
    func breakScratch(_ error: (any Error)?) { scratchError.withLock { $0 = error } }

    /// Where the storage then says that anybody gets an object.
    func presign(at url: String) { publicAddress.withLock { $0 = url } }

    var presignedURL: String? { publicAddress.withLock { $0 } }
    func storage() throws { if let error = storageError.withLock({ $0 }) { throw error } }
    func reading() throws { if let error = readingError.withLock({ $0 }) { throw error } }
    func scratch() throws { if let error = scratchError.withLock({ $0 }) { throw error } }
}

/// A storage that works until it is told not to.
struct FaultyStorage: ObjectStorage {
    let base: any ObjectStorage
    let faults: Faults

    var kind: String { base.kind }

    func ping() async throws {
        try faults.storage()
        try await base.ping()
    }

    func put(_ file: FilePath, as key: BlobKey) async throws {
        try faults.storage()
        try await base.put(file, as: key)
    }

    func put(_ bytes: [UInt8], as key: BlobKey) async throws {
        try faults.storage()
        try await base.put(bytes, as: key)
    }

    func withLocalFile<R: Sendable>(_ key: BlobKey, _ body: (FilePath) async throws -> R) async throws -> R {
        try faults.storage()
        return try await base.withLocalFile(key, body)
    }

    func open(_ key: BlobKey) async throws -> any ObjectReader {
        try faults.storage()
        try faults.reading()
        return try await base.open(key)
    }

    func byteCount(of key: BlobKey) async throws -> Int? {
        try faults.storage()
        return try await base.byteCount(of: key)
    }

    func delete(_ key: BlobKey) async throws { try await base.delete(key) }

    func forEachPage(writtenBefore time: Timestamp, _ body: ([BlobKey]) async throws -> Void) async throws {
        try await base.forEachPage(writtenBefore: time, body)
    }

    func presignedURL(
        for key: BlobKey, contentType: String, contentDisposition: String, validFor duration: Duration
    ) async throws -> String? {
        faults.presignedURL.map { "\($0)?type=\(contentType)&for=\(Int(duration.seconds))" }
    }
}

struct FaultyScratch: ScratchSpace {
    let base: any ScratchSpace
    let faults: Faults

    func create(suffix: String) async throws -> any ScratchFile {
        FaultyFile(base: try await base.create(suffix: suffix), faults: faults)
    }
}

private struct FaultyFile: ScratchFile {
    let base: any ScratchFile
    let faults: Faults

    var path: FilePath { base.path }

    func append(_ bytes: [UInt8]) async throws {
        try faults.scratch()
        try await base.append(bytes)
    }

    func close() async throws { try await base.close() }
    func remove() async { await base.remove() }
}
