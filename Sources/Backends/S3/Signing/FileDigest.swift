import Crypto
import Jobs
import SystemPackage

/// What is signed of a part of a file: its SHA-256.
///
/// The bodies are always signed, also over TLS: it costs one more pass over bytes that the system has in memory, and S3 then
/// refuses a body that was changed or cut on its way, wherever that happened.
enum FileDigest {
    /// Blocks.
    /// - Returns: 64 lower-case hexadecimal digits.
    static func sha256(of file: FilePath, _ range: Range<Int>) throws -> String {
        let descriptor = try FileDescriptor.open(file, .readOnly, options: [.noFollow, .closeOnExec])
        defer { try? descriptor.close() }
        var hash = SHA256()
        var offset = range.lowerBound
        while offset < range.upperBound {
            let bytes = try unsafe [UInt8](unsafeUninitializedCapacity: min(pieceSize, range.upperBound - offset)) {
                buffer, count in
                count = try unsafe descriptor.read(
                    fromAbsoluteOffset: Int64(offset), into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard !bytes.isEmpty else { throw ObjectStorageError.unavailable(reason: "\(file) became shorter") }
            hash.update(data: bytes)
            offset += bytes.count
        }
        return String(hexadecimal: hash.finalize())
    }

    static func sha256(of bytes: [UInt8]) -> String { String(hexadecimal: SHA256.hash(data: bytes)) }

    private static let pieceSize = 256 * 1024

    /// Blocks.
    /// - Throws: where it is no file but a link, say.
    static func byteCount(of file: FilePath) throws -> Int {
        let descriptor = try FileDescriptor.open(file, .readOnly, options: [.noFollow, .closeOnExec])
        defer { try? descriptor.close() }
        return Int(try descriptor.seek(offset: 0, from: .end))
    }
}
