import CMySQL
import Jobs
import SQLBackend

/// A connection for changes to tables, each of which is committed at once. Where a process died between two of them, the
/// next comes to those that are made already, and goes on.
struct MySQLMigration: SQLConnection {
    let connection: any SQLConnection

    var dialect: SQLDialect { connection.dialect }

    var now: Timestamp {
        get throws { try connection.now }
    }

    func execute(_ statement: String, with values: [SQLValue]) throws -> Int {
        do {
            return try connection.execute(statement, with: values)
        } catch let failure as MySQLFailure where failure.isMadeAlready {
            return 0
        }
    }

    func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow] {
        try connection.query(statement, with: values)
    }
}

extension MySQLFailure {
    /// Whether a table, column or index is there, or gone, as it was to be.
    fileprivate var isMadeAlready: Bool {
        switch CInt(code) {
        case ER_TABLE_EXISTS_ERROR, ER_DUP_KEYNAME, ER_DUP_FIELDNAME, ER_BAD_TABLE_ERROR, ER_CANT_DROP_FIELD_OR_KEY:
            true
        default: false
        }
    }
}
