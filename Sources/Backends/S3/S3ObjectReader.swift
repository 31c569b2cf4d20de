import HTTPClient
import Jobs
import Synchronization

/// Reads an object in pieces of up to a mebibyte, and keeps the last of them: a download that is written on in smaller pieces
/// asks S3 seldom, and a small object is asked for once.
final class S3ObjectReader: ObjectReader {
    let byteCount: Int
    private let key: BlobKey
    private let objectKey: String
    private let client: S3Client
    private let state: Mutex<State>

    private enum State {
        case open(offset: Int, bytes: [UInt8])
        case closed
    }

    private static let pieceSize = 1 << 20

    /// Opens an object by reading its first piece.
    /// - Throws: ``ObjectStorageError``
    init(_ key: BlobKey, _ objectKey: String, client: S3Client) async throws {
        let first = try await Self.read(0..<Self.pieceSize, of: key, objectKey, client)
        self.key = key
        self.objectKey = objectKey
        self.client = client
        byteCount = first.byteCount
        state = Mutex(.open(offset: 0, bytes: first.bytes))
    }

    func read(at offset: Int, count: Int) async throws -> [UInt8] {
        guard (0..<byteCount).contains(offset), count > 0 else { return [] }
        if let bytes = try kept(offset, count) { return bytes }
        let range = offset..<min(offset + Self.pieceSize, byteCount)
        let piece = try await Self.read(range, of: key, objectKey, client)
        guard piece.byteCount == byteCount, piece.bytes.count == range.count else {
            throw ObjectStorageError.unavailable(reason: "S3 gave another length than before for \(key)")
        }
        state.withLock { state in
            if case .open = state { state = .open(offset: offset, bytes: piece.bytes) }
        }
        return Array(piece.bytes.prefix(count))
    }

    func close() async { state.withLock { $0 = .closed } }

    /// What the last piece has at that place.
    private func kept(_ offset: Int, _ count: Int) throws -> [UInt8]? {
        try state.withLock { state in
            guard case .open(let start, let bytes) = state else {
                throw ObjectStorageError.unavailable(reason: "the object was closed")
            }
            guard (start..<start + bytes.count).contains(offset) else { return nil }
            return Array(bytes[(offset - start)...].prefix(count))
        }
    }

    private static func read(
        _ range: Range<Int>, of key: BlobKey, _ objectKey: String, _ client: S3Client
    ) async throws -> (bytes: [UInt8], byteCount: Int) {
        var call = S3Call(.get, objectKey)
        call.fields = ["range": "bytes=\(range.lowerBound)-\(range.upperBound - 1)"]
        call.destination = .memory(limit: range.count)
        do {
            let answer = try await client.send(call)
            // A server may ignore a range that covers all of a small object.
            guard answer.status == 206 else { return (answer.body, answer.body.count) }
            let total = answer.fields["content-range"]?.split(separator: "/").last.flatMap { Int($0) }
            guard let total, answer.body.count == min(range.upperBound, total) - range.lowerBound else {
                throw ObjectStorageError.unavailable(reason: "S3 answered with another range than was asked for")
            }
            return (answer.body, total)
        } catch S3Failure.answered(416, _, _) where range.lowerBound == 0 {
            // Nothing of an empty object can be asked for.
            return ([], 0)
        } catch let failure as S3Failure {
            throw ObjectStorageError(failure, key)
        }
    }
}
