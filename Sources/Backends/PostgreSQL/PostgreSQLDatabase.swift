package import Jobs
package import SQLBackend
import Threads

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A PostgreSQL server (12 or newer): the database of many machines.
///
/// Every call ends within ``PostgreSQLLimits/answer``, whatever the server does. Connections that break are replaced; what
/// they were in the middle of runs again where it certainly had not been committed.
package struct PostgreSQLDatabase: SQLDatabase {
    package let kind = "postgresql"
    package var dialect: SQLDialect { .postgresql }

    private let pool: PostgreSQLPool
    private let threads: BlockingThreads
    private let limits: PostgreSQLLimits

    /// Connects to nothing yet.
    ///
    /// - Parameters:
    ///   - connections: how many there may be at once, from this process.
    ///   - waitingLimit: how many steps may run or wait.
    ///   - now: a clock instead of the server's own, for tests.
    package init(
        _ address: PostgreSQLAddress, connections: Int = 8, waitingLimit: Int = 4096,
        limits: PostgreSQLLimits = PostgreSQLLimits(), now: (@Sendable () -> Timestamp)? = nil
    ) {
        self.limits = limits
        threads = BlockingThreads(count: connections, limit: waitingLimit)
        let clock = PostgreSQLClock(now)
        pool = PostgreSQLPool(capacity: connections, limits: limits) {
            try PostgreSQLConnection(to: address, clock: clock, limits: limits)
        }
    }

    package func write<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await run(on: threads, within: limits.answer) { try $0.transaction(until: $1, step) }
    }

    package func update<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await run(on: threads, within: limits.answer) { connection, deadline in
            do {
                return try connection.single(until: deadline, step)
            } catch var failure as PostgreSQLFailure where failure.isLost {
                failure.isInDoubt = true
                throw failure
            }
        }
    }

    package func read<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await run(on: threads, within: limits.answer) { try $0.single(until: $1, step) }
    }

    package func exclusively<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        // On a thread of its own, which others need not wait for.
        let thread = BlockingThreads(count: 1, limit: 1)
        return try await run(on: thread, within: limits.exclusive) { connection, deadline in
            try connection.transaction(until: deadline) { connection in
                _ = try connection.query("SELECT set_config('statement_timeout', '0', true)", with: [])
                _ = try connection.query("SELECT pg_advisory_xact_lock(?)", with: [.integer(Self.lock)])
                return try step(connection)
            }
        }
    }

    /// `tintype` in ASCII: any number that others in the same database are not likely to take.
    private static let lock: Int64 = 0x0074_696e_7479_7065
}

extension PostgreSQLDatabase {
    /// Runs `body` until it succeeds, fails for good, or has no time left.
    private func run<R: Sendable>(
        on threads: BlockingThreads, within limit: Duration,
        _ body: @escaping @Sendable (PostgreSQLConnection, ContinuousClock.Instant) throws -> R
    ) async throws -> R {
        let deadline = ContinuousClock.now + limit
        do {
            return try await threads.run {
                guard .now + limits.least < deadline else {
                    throw JobStoreError.unavailable(reason: "too many steps wait for the database")
                }
                var tries = 0
                while true {
                    do {
                        return try pool.withConnection(until: deadline) { try body($0, deadline) }
                    } catch let failure as PostgreSQLFailure {
                        tries += 1
                        guard failure.isWorthAnotherTry, tries < Self.maxTries else { throw failure.error }
                        let pause = Duration.milliseconds(Int64.random(in: 0...(1 << tries)))
                        guard .now + pause + limits.least < deadline else { throw failure.error }
                        usleep(UInt32(clamping: pause.milliseconds * 1000))
                    }
                }
            }
        } catch let busy as TooManyWaiting {
            throw JobStoreError.unavailable(reason: busy.description)
        }
    }

    private static let maxTries = 8
}

extension PostgreSQLFailure {
    /// Whether the step, which has changed nothing, may go better from its beginning.
    fileprivate var isWorthAnotherTry: Bool { isConflict || (isLost && !isInDoubt) }
}
