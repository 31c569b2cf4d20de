import CMySQL
import Jobs
import SQLBackend

/// What the server, or the client library for it, said when it would not do something.
struct MySQLFailure: SQLFailure {
    /// The server's (https://mariadb.com/docs/server/reference/error-codes), or the library's: 2000–2999 and 5000–5099.
    let code: Int
    let message: String
    let statement: String

    init(code: CInt, message: String, statement: String) {
        self.code = Int(code)
        self.message = message
        self.statement = statement
    }

    /// It is gone, or an answer may still be on its way.
    var isLost: Bool {
        switch code {
        // The library reports nothing in mid-statement that leaves the connection as it was.
        case 2000...2999, 5000...5099: true
        case ER_CONNECTION_KILLED.code, ER_UNKNOWN_COM_ERROR.code, sessionWasKilled,
            clientWasIdle, ER_ABORTING_CONNECTION.code...ER_NET_WRITE_INTERRUPTED.code:
            true
        default: isServersFault
        }
    }

    var isConflict: Bool {
        switch code {
        case ER_LOCK_DEADLOCK.code, ER_LOCK_WAIT_TIMEOUT.code, ER_CHECKREAD.code: true
        // Two steps looked for the same key, found nothing, and both inserted it.
        case ER_DUP_ENTRY.code: true
        default: false
        }
    }

    var isServersFault: Bool {
        switch code {
        case ER_SERVER_SHUTDOWN.code: true
        // Now read-only: another server may be the one to write to, and a new connection finds it.
        case ER_OPTION_PREVENTS_STATEMENT.code, ER_READ_ONLY_MODE.code, ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION.code,
            ER_INNODB_READ_ONLY.code:
            true
        default: false
        }
    }

    private var isFull: Bool {
        switch code {
        case ER_DISK_FULL.code, ER_RECORD_FILE_FULL.code: true
        // Errors of the system come with its number, ENOSPC being 28: `(errno: 28 - No …)`, `(OS errno 28 - No …)`,
        // `Got error 28 from …`.
        case ER_ERROR_ON_WRITE.code, ER_GET_ERRNO.code: message.contains(/err(or|no:?) 28(?!\d)/)
        default: false
        }
    }

    private var isUnavailable: Bool {
        switch code {
        // A plugin or a protocol that is missing will not come by waiting.
        case CR_AUTH_PLUGIN_CANNOT_LOAD.code, CR_AUTH_PLUGIN_ERR.code, CR_VERSION_ERROR.code,
            CR_PLUGIN_NOT_ALLOWED.code:
            false
        case ER_CON_COUNT_ERROR.code, ER_TOO_MANY_USER_CONNECTIONS.code, ER_USER_LIMIT_REACHED.code,
            ER_HOST_IS_BLOCKED.code, ER_OUTOFMEMORY.code, ER_OUT_OF_RESOURCES.code, ER_LOCK_TABLE_FULL.code,
            ER_QUERY_INTERRUPTED.code, ER_STATEMENT_TIMEOUT.code, queryTimedOut, ER_ERROR_ON_WRITE.code,
            ER_GET_ERRNO.code:
            true
        // Nobody's request is wrong where the process is not let in (any more): passwords change, and servers move.
        case ER_DBACCESS_DENIED_ERROR.code, ER_ACCESS_DENIED_ERROR.code, ER_ACCESS_DENIED_NO_PASSWORD_ERROR.code,
            ER_BAD_DB_ERROR.code:
            true
        default: isLost
        }
    }

    var error: any Error {
        if isFull { return JobStoreError.full }
        if isUnavailable || (isConflict && code != ER_DUP_ENTRY.code) {
            return JobStoreError.unavailable(reason: "\(message) (MySQL \(code))")
        }
        return SQLError(code: code, message: message, statement: statement)
    }
}

// MySQL 8 alone has these, so the library's header lacks them.
/// ER_QUERY_TIMEOUT.
private let queryTimedOut = 3024
/// ER_SESSION_WAS_KILLED.
private let sessionWasKilled = 3169
/// ER_CLIENT_INTERACTION_TIMEOUT: what a connection is told that was idle for longer than `wait_timeout`.
private let clientWasIdle = 4031

extension CInt {
    fileprivate var code: Int { Int(self) }
}
