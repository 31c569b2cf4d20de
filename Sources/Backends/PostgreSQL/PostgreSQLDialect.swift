import Jobs
import SQLBackend

extension SQLDialect {
    static var postgresql: SQLDialect {
        var dialect = SQLDialect()
        dialect.locking = " FOR UPDATE"
        dialect.lockingFree = " FOR UPDATE SKIP LOCKED"
        dialect.canUpdateInQueries = true
        dialect.hasPartialIndexes = true
        dialect.bytewise = " COLLATE \"C\""
        return dialect
    }
}

/// The database's clock in milliseconds, as statements read it.
struct PostgreSQLClock: Sendable {
    private let now: (@Sendable () -> Timestamp)?

    /// - Parameter now: a clock to use instead, for tests: it is told to the server with each exchange.
    init(_ now: (@Sendable () -> Timestamp)?) { self.now = now }

    var injected: Timestamp? { now?() }

    /// Stands still within a statement, so that an index can be searched for it.
    var expression: String {
        now == nil
            ? "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"
            : "current_setting('\(Self.setting)')::bigint"
    }

    static let setting = "tintype.now"
}
