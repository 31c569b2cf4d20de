import Crypto
import Jobs
import NIOCore

/// A file on its way in: counted and hashed as it arrives, and written to a scratch file unless it is small.
struct ArrivingFile: Sendable {
    let name: String
    private let limit: Int
    private let scratch: any ScratchSpace
    private var file: (any ScratchFile)?
    private var hash = SHA256()
    private var byteCount = 0
    /// What is not yet written: the small pieces that the network brings are gathered, so that the disk is asked less often.
    private var gathered: [UInt8] = []
    private var whole: ReceivedFile?

    private static let pieceSize = 256 * 1024

    /// - Parameter limit: in bytes.
    init(name: String, limit: Int, scratch: any ScratchSpace) {
        self.name = name
        self.limit = limit
        self.scratch = scratch
    }

    /// - Throws: a ``Problem`` as soon as the file is over its limit; ``ObjectStorageError``.
    mutating func receive(_ bytes: ByteBuffer) async throws {
        byteCount += bytes.readableBytes
        guard byteCount <= limit else { throw Problem.fileTooLarge(limit: limit) }
        unsafe bytes.withUnsafeReadableBytes { unsafe hash.update(bufferPointer: $0) }
        gathered.append(contentsOf: bytes.readableBytesView)
        guard gathered.count >= Self.pieceSize else { return }
        try await scratchFile().append(gathered)
        gathered.removeAll(keepingCapacity: true)
    }

    mutating func finish() async throws {
        let bytes: LocalBytes
        if file == nil, gathered.count <= LocalBytes.maxHeldByteCount {
            bytes = .held(gathered)
        } else {
            let file = try await scratchFile()
            try await file.finish(gathered)
            bytes = .file(file.path)
        }
        gathered = []
        whole = ReceivedFile(bytes: bytes, byteCount: byteCount, sha256: ContentDigest(hash.finalize()))
    }

    private mutating func scratchFile() async throws -> any ScratchFile {
        if let file { return file }
        let made = try await scratch.create(suffix: "")
        file = made
        return made
    }

    /// Only for a file that is finished.
    var received: ReceivedFile {
        guard let whole else { preconditionFailure("the file is still arriving") }
        return whole
    }

    func remove() async { await file?.remove() }
}
