import CPostgres
import SQLBackend

extension SQLAnswer {
    /// Reads a result, which stays its owner's.
    init(_ result: OpaquePointer) {
        let columns = unsafe PQnfields(result)
        let kinds = (0..<columns).map { unsafe Kind(PQftype(result, $0)) }
        let rows = (0..<(unsafe PQntuples(result))).map { row in
            SQLRow((0..<columns).map { column in unsafe Self.value(result, row, column, kinds[Int(column)]) })
        }
        self.init(rows: rows, count: unsafe Int(String(cString: PQcmdTuples(result))) ?? 0)
    }

    private enum Kind {
        case integer, real, bool, text

        /// - Parameter type: as `pg_type.dat` numbers them, for ever.
        init(_ type: Oid) {
            self =
                switch type {
                case 20, 21, 23: .integer
                case 700, 701, 1700: .real
                case 16: .bool
                default: .text
                }
        }
    }

    private static func value(_ result: OpaquePointer, _ row: CInt, _ column: CInt, _ kind: Kind) -> SQLValue {
        guard unsafe PQgetisnull(result, row, column) == 0, let bytes = unsafe PQgetvalue(result, row, column) else {
            return .null
        }
        let count = Int(unsafe PQgetlength(result, row, column))
        let text = unsafe UnsafeRawBufferPointer(start: bytes, count: count).withMemoryRebound(to: UInt8.self) {
            unsafe String(decoding: $0, as: UTF8.self)
        }
        return switch kind {
        case .integer: Int64(text).map(SQLValue.integer) ?? .text(text)
        case .real: Double(text).map(SQLValue.real) ?? .text(text)
        case .bool: .integer(text == "t" ? 1 : 0)
        case .text: .text(PostgreSQLText.unescaped(text))
        }
    }
}
