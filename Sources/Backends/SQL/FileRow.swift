import Imaging
import Jobs

extension StoredFile {
    /// What ``init(_:)`` reads, in its order.
    static let columns =
        "id, name, format, width, height, byte_count, sha256, blob_key, is_duplicate, created_at, expires_at"

    /// Reads a row of `files`.
    init(_ row: SQLRow) throws {
        var columns = Columns(row)
        self.init(
            id: try columns.next(), name: try columns.next(), format: try columns.next(),
            size: Size(width: try columns.next(), height: try columns.next()), byteCount: try columns.next(),
            sha256: try columns.next(), blob: try columns.next(), isDuplicate: try columns.next(),
            createdAt: try columns.next(), expiresAt: try columns.next())
    }
}
