package import Jobs
package import SQLBackend
import Threads

/// A PostgreSQL server (12 or newer): the database of many machines.
///
/// Every call ends within ``SQLLimits/answer``, whatever the server does. Connections that break are replaced; what they were
/// in the middle of runs again where it certainly had not been committed.
package struct PostgreSQLDatabase: SQLServerDatabase {
    package let kind = "postgresql"
    package var dialect: SQLDialect { .postgresql }
    package let pool: SQLPool
    private let limits: SQLLimits

    /// Connects to nothing yet.
    ///
    /// - Parameters:
    ///   - connections: how many there may be at once, from this process.
    ///   - waitingLimit: how many steps may run or wait.
    ///   - now: a clock instead of the server's own, for tests.
    package init(
        _ address: PostgreSQLAddress, connections: Int = 8, waitingLimit: Int = 4096, limits: SQLLimits = SQLLimits(),
        now: (@Sendable () -> Timestamp)? = nil
    ) {
        self.limits = limits
        pool = SQLPool(capacity: connections, waitingLimit: waitingLimit, limits: limits) {
            SQLSession(try PostgreSQLLink(to: address, clock: PostgreSQLClock(now), limits: limits))
        }
    }

    package func exclusively<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        // On a thread of its own, which others need not wait for.
        let thread = BlockingThreads(count: 1, limit: 1)
        return try await pool.run(on: thread, within: limits.exclusive) { session, deadline in
            try session.transaction(until: deadline) { connection in
                _ = try connection.query("SELECT set_config('statement_timeout', '0', true)", with: [])
                _ = try connection.query("SELECT pg_advisory_xact_lock(?)", with: [.integer(Self.lock)])
                return try step(connection)
            }
        }
    }

    /// `tintype` in ASCII: any number that others in the same database are not likely to take.
    private static let lock: Int64 = 0x0074_696e_7479_7065
}
