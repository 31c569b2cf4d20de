import Crypto
import Jobs
import NIOCore

/// A file on its way in: counted, hashed and written as it arrives.
struct ArrivingFile: Sendable {
    let name: String
    let limit: Int
    let file: any ScratchFile
    private var hash = SHA256()
    private var byteCount = 0
    /// Gathers the small pieces that the network brings, so that the disk is asked less often.
    private var gathered: [UInt8] = []
    private var digest: ContentDigest?

    private static let pieceSize = 256 * 1024

    /// - Parameter limit: in bytes.
    init(name: String, limit: Int, file: any ScratchFile) {
        self.name = name
        self.limit = limit
        self.file = file
    }

    /// - Throws: a ``Problem`` as soon as the file is over its limit; ``ObjectStorageError``.
    mutating func receive(_ bytes: ByteBuffer) async throws {
        byteCount += bytes.readableBytes
        guard byteCount <= limit else { throw Problem.fileTooLarge(limit: limit) }
        unsafe bytes.withUnsafeReadableBytes { unsafe hash.update(bufferPointer: $0) }
        gathered.append(contentsOf: bytes.readableBytesView)
        if gathered.count >= Self.pieceSize { try await flush() }
    }

    mutating func finish() async throws {
        try await file.finish(gathered)
        gathered = []
        digest = ContentDigest(hash.finalize())
    }

    private mutating func flush() async throws {
        try await file.append(gathered)
        gathered.removeAll(keepingCapacity: true)
    }

    /// Only for a file that is finished.
    var received: ReceivedFile {
        guard let digest else { preconditionFailure("the file is still arriving") }
        return ReceivedFile(path: file.path, byteCount: byteCount, sha256: digest)
    }
}
