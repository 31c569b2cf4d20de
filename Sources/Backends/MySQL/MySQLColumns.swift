import CMySQL
import SQLBackend

/// Where the library puts the row that it came to, for as long as one answer is read.
@safe final class MySQLColumns {
    private let statement: UnsafeMutablePointer<MYSQL_STMT>
    private let kinds: [Kind]
    private let cells: UnsafeMutableBufferPointer<Cell>

    private enum Kind {
        case integer, real, text

        init(_ field: MYSQL_FIELD) {
            switch unsafe field.type {
            case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG:
                self = .integer
            case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE: self = .real
            // Sums of whole numbers come as decimals with no places.
            case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: self = unsafe field.decimals == 0 ? .integer : .real
            default: self = .text
            }
        }
    }

    private struct Cell {
        /// An integer's or a double's bits.
        var number: UInt64 = 0
        /// A text's, in bytes.
        var length: UInt = 0
        var isNull: my_bool = 0
        var isCut: my_bool = 0
    }

    /// - Parameter statement: executed, its answer stored; it outlives this.
    init(of statement: UnsafeMutablePointer<MYSQL_STMT>) {
        unsafe self.statement = statement
        let count = Int(unsafe mysql_stmt_field_count(statement))
        let fields = unsafe UnsafeBufferPointer(start: mariadb_stmt_fetch_fields(statement), count: count)
        kinds = unsafe fields.map { unsafe Kind($0) }
        unsafe cells = .allocate(capacity: count)
        unsafe cells.initialize(repeating: Cell())
    }

    deinit { unsafe cells.deallocate() }

    /// - Returns: whether the library took them.
    func bind() -> Bool {
        var binds = unsafe kinds.indices.map { unsafe bind($0) }
        return unsafe mysql_stmt_bind_result(statement, &binds) == 0
    }

    private func bind(_ column: Int) -> MYSQL_BIND {
        guard let cell = unsafe cells.baseAddress.map({ unsafe $0 + column }) else { return unsafe MYSQL_BIND() }
        var bind = unsafe MYSQL_BIND()
        unsafe bind.length = unsafe cell.pointer(to: \.length)
        unsafe bind.is_null = unsafe cell.pointer(to: \.isNull)
        unsafe bind.error = unsafe cell.pointer(to: \.isCut)
        switch kinds[column] {
        case .integer:
            unsafe bind.buffer_type = MYSQL_TYPE_LONGLONG
            unsafe bind.buffer = UnsafeMutableRawPointer(cell.pointer(to: \.number))
        case .real:
            unsafe bind.buffer_type = MYSQL_TYPE_DOUBLE
            unsafe bind.buffer = UnsafeMutableRawPointer(cell.pointer(to: \.number))
        // No room yet: only then is the length known.
        case .text: unsafe bind.buffer_type = MYSQL_TYPE_STRING
        }
        return unsafe bind
    }

    /// The row that the statement came to; `nil` where a value could not be had.
    func row() -> SQLRow? {
        var values: [SQLValue] = []
        values.reserveCapacity(kinds.count)
        for (column, kind) in kinds.enumerated() {
            let cell = unsafe cells[column]
            switch kind {
            case _ where cell.isNull != 0: values.append(.null)
            // Too large for its kind, as unsigned numbers may be.
            case .integer where cell.isCut != 0, .real where cell.isCut != 0: return nil
            case .integer: values.append(.integer(Int64(bitPattern: cell.number)))
            case .real: values.append(.real(Double(bitPattern: cell.number)))
            case .text:
                guard let text = text(column, count: Int(cell.length)) else { return nil }
                values.append(.text(text))
            }
        }
        return SQLRow(values)
    }

    private func text(_ column: Int, count: Int) -> String? {
        var isFetched = count == 0
        let text = unsafe String(unsafeUninitializedCapacity: count) { bytes in
            guard count > 0 else { return 0 }
            var bind = unsafe MYSQL_BIND()
            unsafe bind.buffer_type = MYSQL_TYPE_STRING
            unsafe bind.buffer = UnsafeMutableRawPointer(bytes.baseAddress)
            unsafe bind.buffer_length = UInt(count)
            isFetched = unsafe mysql_stmt_fetch_column(statement, &bind, UInt32(column), 0) == 0
            return isFetched ? count : 0
        }
        return isFetched ? text : nil
    }
}
