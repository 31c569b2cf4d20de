import Crypto
import Jobs
import NIOCore

/// A batch's CSV on its way in: read row by row as it arrives, and hashed.
struct ArrivingSheet: Sendable {
    private let limit: Int
    private var sheet: BatchSheet
    private var hash = SHA256()
    private var byteCount = 0
    private(set) var entries: [BatchEntry] = []

    /// - Parameter limit: in bytes.
    init(limit: Int, maxRows: Int, check: @escaping @Sendable (String) -> JobFailure?) {
        self.limit = limit
        sheet = BatchSheet(maxRows: maxRows, check: check)
    }

    /// - Throws: a ``Problem`` as soon as the CSV is over its limit, or broken as a whole.
    mutating func receive(_ bytes: ByteBuffer) throws {
        byteCount += bytes.readableBytes
        guard byteCount <= limit else { throw Problem.fileTooLarge(limit: limit) }
        unsafe bytes.withUnsafeReadableBytes { unsafe hash.update(bufferPointer: $0) }
        let piece = Array(bytes.readableBytesView)
        do throws(BatchError) {
            entries += try sheet.read(piece.span)
        } catch {
            throw Problem(error)
        }
    }

    mutating func finish() throws(Problem) {
        do throws(BatchError) {
            entries += try sheet.finish()
        } catch {
            throw Problem(error)
        }
    }

    /// Of all its bytes.
    var sha256: ContentDigest { ContentDigest(hash.finalize()) }
}

extension Problem {
    fileprivate init(_ error: BatchError) {
        let code: ProblemCode =
            switch error {
            case .noHeader: .emptyFile
            case .unreadableHeader, .noURLColumn, .noRows, .noUsableRow: .unusableBatch
            case .tooManyRows, .tooManyImages: .tooManyRows
            }
        self.init(code, error.message, parameter: "file")
    }
}
