import CSQLite
import Jobs
import SQLBackend

/// Owns one prepared statement, finalized once, with its last user.
@safe final class SQLiteStatement {
    private let handle: OpaquePointer

    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Gives each parameter its value, from the left.
    /// - Returns: SQLite's code.
    func bind(_ values: [SQLValue], clock: () -> Timestamp) -> CInt {
        for (index, value) in values.enumerated() {
            let position = CInt(truncatingIfNeeded: index + 1)
            let code =
                switch value {
                case .null: unsafe sqlite3_bind_null(handle, position)
                case .integer(let number): unsafe sqlite3_bind_int64(handle, position, number)
                case .real(let number): unsafe sqlite3_bind_double(handle, position, number)
                case .text(let text): bind(text, at: position)
                case .now(let offset): unsafe sqlite3_bind_int64(handle, position, clock().milliseconds + offset)
                }
            guard code == SQLITE_OK else { return code }
        }
        return SQLITE_OK
    }

    private func bind(_ text: String, at position: CInt) -> CInt {
        var text = text
        return text.withUTF8 { bytes in
            guard let count = CInt(exactly: bytes.count) else { return SQLITE_TOOBIG }
            return unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                // An empty buffer may have no address, which would be a NULL.
                if let address = bytes.baseAddress {
                    unsafe csqlite_bind_text(handle, position, address, count)
                } else {
                    unsafe csqlite_bind_text(handle, position, "", 0)
                }
            }
        }
    }

    /// Runs to the next row or the end.
    /// - Returns: SQLite's code.
    func step() -> CInt { unsafe sqlite3_step(handle) }

    /// The row that ``step()`` came to.
    var row: SQLRow {
        let count = unsafe sqlite3_data_count(handle)
        return SQLRow((0..<count).map(value))
    }

    private func value(_ column: CInt) -> SQLValue {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            guard let bytes = unsafe sqlite3_column_text(handle, column) else { return .null }
            let count = Int(unsafe sqlite3_column_bytes(handle, column))
            return .text(unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
        default: return .null
        }
    }

    /// Makes it ready to be run again, and ends what it held open.
    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }
}
