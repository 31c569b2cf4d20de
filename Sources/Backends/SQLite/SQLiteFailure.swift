import CSQLite
import Jobs
import SQLBackend

/// What SQLite said when it would not do something.
struct SQLiteFailure {
    /// The extended result code (https://www.sqlite.org/rescode.html).
    let code: CInt
    let message: String
    let statement: String

    init(code: CInt, of handle: OpaquePointer?, in statement: String) {
        self.code = code
        self.statement = statement
        // With no connection there is still the code's own text.
        let text = unsafe handle.flatMap { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        message = unsafe text.map { unsafe String(cString: $0) } ?? "error \(code)"
    }

    var error: any Error {
        switch code & 0xFF {
        case SQLITE_FULL: JobStoreError.full
        // What a start meets on a full disk: no room for the index of the log.
        case _ where code == csqlite_ioerr_shmsize: JobStoreError.full
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOMEM, SQLITE_PROTOCOL,
            SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_PERM, SQLITE_AUTH, SQLITE_INTERRUPT, SQLITE_NOLFS:
            JobStoreError.unavailable(reason: "\(message) (SQLite \(code))")
        default: SQLError(code: Int(code), message: message, statement: statement)
        }
    }
}
