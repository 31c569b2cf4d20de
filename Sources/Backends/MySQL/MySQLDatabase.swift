package import Jobs
package import SQLBackend
import Threads

/// A database on a MySQL (8.0.1 or later) or MariaDB (10.6 or later) server, which any number of processes share.
package struct MySQLDatabase: SQLDatabase {
    package let kind = "mysql"
    package var dialect: SQLDialect { .mysql }
    private let address: MySQLAddress
    private let patience: MySQLPatience
    private let pool: MySQLPool
    private let migrator = BlockingThreads(count: 1, limit: 1)

    /// Connects when first used.
    ///
    /// - Parameters:
    ///   - connections: how many there may be at once, from this process.
    ///   - waitingLimit: how many steps may run or wait for a connection.
    ///   - now: instead of the server's clock, in tests.
    package init(
        _ address: MySQLAddress, connections: Int = 8, waitingLimit: Int = 4096, patience: MySQLPatience = .short,
        now: (@Sendable () -> Timestamp)? = nil
    ) {
        self.address = address
        self.patience = patience
        pool = MySQLPool(address: address, patience: patience, clock: now, size: connections, limit: waitingLimit)
    }

    package func write<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await patiently { try $0.write(by: $1, step) }
    }

    package func update<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await patiently { connection, _ in try connection.update(step) }
    }

    package func read<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await patiently { connection, _ in try connection.read(step) }
    }

    package func exclusively<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        do {
            return try await migrator.run { [address] in
                try MySQLConnection(to: address, patience: .unhurried, clock: nil).migrate(step)
            }
        } catch let failure as MySQLFailure {
            throw failure.error
        } catch let busy as TooManyWaiting {
            throw JobStoreError.unavailable(reason: busy.description)
        }
    }

    /// Runs a step again that had to give way to another, or whose connection was lost before its end.
    private func patiently<R: Sendable>(
        _ step: @escaping @Sendable (MySQLConnection, _ deadline: ContinuousClock.Instant) throws -> R
    ) async throws -> R {
        let deadline = ContinuousClock.now + patience.answer
        var tries = 1
        while true {
            do {
                return try await pool.run(by: deadline) { try step($0, deadline) }
            } catch let doubt as CommitInDoubt {
                throw doubt.failure.error
            } catch let failure as MySQLFailure {
                // Those that met shall not meet again.
                let pause = Duration.milliseconds(Int.random(in: 0...min(1 << tries, 50)))
                guard failure.isConflict || failure.isConnectionLost, tries < Self.tries, .now + pause < deadline else {
                    throw failure.error
                }
                try await Task.sleep(for: pause)
                tries += 1
            }
        }
    }

    private static let tries = 10
}
