import Jobs
import SQLBackend

/// What the server or libpq said when something would not go.
struct PostgreSQLFailure: SQLFailure {
    /// The server's own (https://www.postgresql.org/docs/15/errcodes-appendix.html); empty where it said nothing.
    let sqlState: String
    let message: String
    let statement: String
    var isLost = false

    /// The connection does not answer, or has closed.
    static func lost(_ message: String) -> PostgreSQLFailure {
        PostgreSQLFailure(
            sqlState: "", message: message.trimmingNewlines, statement: "", isLost: true)
    }

    /// There is no connection to be had.
    static func unreachable(_ message: String) -> PostgreSQLFailure {
        PostgreSQLFailure(sqlState: "", message: message.trimmingNewlines, statement: "")
    }

    /// serialization_failure, deadlock_detected, unique_violation.
    var isConflict: Bool { ["40001", "40P01", "23505"].contains(sqlState) }

    /// admin_shutdown, crash_shutdown, cannot_connect_now, read_only_sql_transaction (a primary that has become a standby).
    var isServersFault: Bool { ["57P01", "57P02", "57P03", "25006"].contains(sqlState) }

    var error: any Error {
        let reason = sqlState.isEmpty ? message : "\(message) (PostgreSQL \(sqlState))"
        return switch (sqlState, sqlState.prefix(2)) {
        case ("53100", _): JobStoreError.full
        // Connection, authorization, transaction rollback, resources, intervention (57014 is statement_timeout), system.
        case ("", _), (_, "08"), (_, "28"), (_, "40"), (_, "53"), (_, "57"), (_, "58"), ("25006", _), ("3D000", _):
            JobStoreError.unavailable(reason: reason)
        default: SQLError(code: sqlState, message: message, statement: statement)
        }
    }
}

extension String {
    /// libpq ends its messages with a line feed, and some have several lines.
    var trimmingNewlines: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}
