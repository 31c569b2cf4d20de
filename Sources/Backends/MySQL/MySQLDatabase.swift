package import Jobs
package import SQLBackend
import Threads

/// A database on a MySQL (8.0.1 or later) or MariaDB (10.6 or later) server, which any number of processes share.
package struct MySQLDatabase: SQLServerDatabase {
    package let kind = "mysql"
    package var dialect: SQLDialect { .mysql }
    package let pool: SQLPool
    private let address: MySQLAddress
    private let limits: SQLLimits

    /// Connects when first used.
    ///
    /// - Parameters:
    ///   - connections: how many there may be at once, from this process.
    ///   - waitingLimit: how many steps may run or wait for a connection.
    ///   - now: instead of the server's clock, in tests.
    package init(
        _ address: MySQLAddress, connections: Int = 8, waitingLimit: Int = 4096, limits: SQLLimits = SQLLimits(),
        now: (@Sendable () -> Timestamp)? = nil
    ) {
        self.address = address
        self.limits = limits
        pool = SQLPool(capacity: connections, waitingLimit: waitingLimit, limits: limits) {
            SQLSession(try MySQLLink(to: address, limits: limits, clock: now))
        }
    }

    package func exclusively<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        // With a thread and a connection of its own, which has other limits.
        try await BlockingThreads(count: 1, limit: 1).run { [address, limits] in
            var patient = limits
            (patient.answer, patient.statement) = (limits.exclusive, limits.exclusive)
            do {
                let session = SQLSession(try MySQLLink(to: address, limits: patient, clock: nil))
                return try session.single(until: .now + limits.exclusive) { try migrate($0, by: step) }
            } catch let failure as MySQLFailure {
                throw failure.error
            }
        }
    }
}

/// Runs a step that changes tables, which no transaction holds together, while nobody else runs one.
private func migrate<R>(_ connection: any SQLConnection, by step: (any SQLConnection) throws -> R) throws -> R {
    let lock = "LEFT(CONCAT('tintype ', DATABASE()), 64)"
    guard try connection.query("SELECT GET_LOCK(\(lock), 60)", with: []) == [SQLRow([.integer(1)])] else {
        throw JobStoreError.unavailable(reason: "another process is changing the tables")
    }
    // Where this fails, the lock ends with the connection.
    defer { _ = try? connection.query("SELECT RELEASE_LOCK(\(lock))", with: []) }
    return try step(MySQLMigration(connection: connection))
}
