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

/// How long things may take.
package struct PostgreSQLLimits: Sendable {
    /// For a whole step, from its being asked for to its answer: no caller waits longer.
    package var answer = Duration.milliseconds(1800)
    /// Until a connection is free, or opened.
    package var connection = Duration.milliseconds(1500)
    /// What a step needs at least: one that has waited until less is left would miss its end, and cost a healthy connection.
    var least: Duration { answer / 6 }
    /// For one statement, by the server's own watch: it gives up as well, when nobody waits any more.
    package var statement = Duration.milliseconds(1600)
    /// How long the server lets a client hold its locks and say nothing: one that was stopped in the middle of a step.
    package var idleTransaction = Duration.seconds(5)
    /// For bringing the tables up to date.
    package var exclusive = Duration.seconds(600)
    /// How long a connection that nobody needs stays open.
    package var idle = Duration.seconds(60)

    package init() {}
}
