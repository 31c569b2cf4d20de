import CMySQL
import SQLBackend

/// Owns one statement prepared on the server, closed once, with its last user.
///
/// What it throws are ``MySQLFailure``s.
@safe final class MySQLStatement {
    private let handle: UnsafeMutablePointer<MYSQL_STMT>
    private let text: String

    /// - Parameter handle: fresh; it is owned from here on, whether this throws or not.
    init(owning handle: UnsafeMutablePointer<MYSQL_STMT>, text: String) throws {
        unsafe self.handle = handle
        self.text = text
        try check(unsafe mysql_stmt_prepare(handle, text, UInt(text.utf8.count)) == 0)
    }

    // Where the connection is closed already, this only frees memory.
    deinit { unsafe mysql_stmt_close(handle) }

    /// Runs it with a value for each parameter, from the left; of a clock's, with what the statement is to add.
    /// - Returns: its rows, and how many it changed or, with CLIENT_FOUND_ROWS, found to hold the same already.
    func run(with values: [SQLValue]) throws -> (rows: [SQLRow], count: Int) {
        guard unsafe mysql_stmt_param_count(handle) == UInt(values.count) else {
            throw MySQLFailure(code: ER_WRONG_ARGUMENTS, message: "\(values.count) values do not fit", statement: text)
        }
        try execute(with: values)
        guard unsafe mysql_stmt_field_count(handle) > 0 else {
            return ([], Int(truncatingIfNeeded: unsafe mysql_stmt_affected_rows(handle)))
        }
        defer { unsafe mysql_stmt_free_result(handle) }
        // The whole answer, so that the connection is free for the next statement.
        try check(unsafe mysql_stmt_store_result(handle) == 0)
        let rows = try rows()
        return (rows, rows.count)
    }

    private func execute(with values: [SQLValue]) throws {
        // The texts one after another, and for each parameter its number, or where its text begins.
        var texts: [UInt8] = []
        var numbers = values.map { value -> UInt64 in
            switch value {
            case .null: return 0
            case .integer(let number), .now(let number): return UInt64(bitPattern: number)
            case .real(let number): return number.bitPattern
            case .text(let text):
                defer { texts.append(contentsOf: text.utf8) }
                return UInt64(texts.count)
            }
        }
        // The library reads the values as it executes: until then their addresses must hold.
        try unsafe texts.withUnsafeMutableBufferPointer { texts in
            try unsafe numbers.withUnsafeMutableBufferPointer { numbers in
                var parameters = unsafe values.indices.map { index in
                    unsafe parameter(
                        values[index], number: numbers.extracting(index...).baseAddress, texts: texts.baseAddress)
                }
                try check(unsafe mysql_stmt_bind_param(handle, &parameters) == 0)
                try check(unsafe mysql_stmt_execute(handle) == 0)
            }
        }
    }

    private func parameter(
        _ value: SQLValue, number: UnsafeMutablePointer<UInt64>?, texts: UnsafeMutablePointer<UInt8>?
    ) -> MYSQL_BIND {
        var bind = unsafe MYSQL_BIND()
        unsafe bind.buffer = UnsafeMutableRawPointer(number)
        switch value {
        case .null: unsafe bind.buffer_type = MYSQL_TYPE_NULL
        case .integer, .now: unsafe bind.buffer_type = MYSQL_TYPE_LONGLONG
        case .real: unsafe bind.buffer_type = MYSQL_TYPE_DOUBLE
        case .text(let text):
            unsafe bind.buffer_type = MYSQL_TYPE_STRING
            unsafe bind.buffer_length = UInt(text.utf8.count)
            // Where all texts are empty they may have no address, which would be a NULL: any other will do.
            if let texts = unsafe texts, let number = unsafe number {
                unsafe bind.buffer = UnsafeMutableRawPointer(texts + Int(number.pointee))
            }
        }
        return unsafe bind
    }

    private func rows() throws -> [SQLRow] {
        let columns = unsafe MySQLColumns(of: handle)
        try check(columns.bind())
        var rows: [SQLRow] = []
        while true {
            switch unsafe mysql_stmt_fetch(handle) {
            // Texts are always cut at first: their room is made when their length is known.
            case 0, MYSQL_DATA_TRUNCATED:
                guard let row = columns.row() else {
                    throw MySQLFailure(code: ER_WRONG_VALUE, message: "a value cannot be read", statement: text)
                }
                rows.append(row)
            case MYSQL_NO_DATA: return rows
            default: throw failure
            }
        }
    }

    private func check(_ isDone: Bool) throws {
        guard isDone else { throw failure }
    }

    private var failure: MySQLFailure {
        MySQLFailure(
            code: CInt(bitPattern: unsafe mysql_stmt_errno(handle)),
            message: unsafe String(cString: mysql_stmt_error(handle)), statement: text)
    }
}
