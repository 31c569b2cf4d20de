import CMySQL
import SQLBackend

extension SQLAnswer {
    /// Reads a result, which stays its owner's.
    init(_ result: UnsafeMutablePointer<MYSQL_RES>) {
        let count = Int(unsafe mysql_num_fields(result))
        let kinds = unsafe UnsafeBufferPointer(start: mysql_fetch_fields(result), count: count).map { unsafe Kind($0) }
        var rows: [SQLRow] = []
        while let row = unsafe mysql_fetch_row(result), let lengths = unsafe mysql_fetch_lengths(result) {
            rows.append(
                SQLRow(
                    kinds.enumerated().map { column, kind in
                        guard let bytes = unsafe row[column] else { return .null }
                        let cell = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(lengths[column]))
                        return kind.value(unsafe String(decoding: cell, as: UTF8.self))
                    }))
        }
        self.init(rows: rows, count: rows.count)
    }

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

        func value(_ text: String) -> SQLValue {
            switch self {
            case .integer: Int64(text).map(SQLValue.integer) ?? .text(text)
            case .real: Double(text).map(SQLValue.real) ?? .text(text)
            case .text: .text(text)
            }
        }
    }
}
