/// A database on a server, whose steps run on a pool's connections.
package protocol SQLServerDatabase: SQLDatabase {
    var pool: SQLPool { get }
}

extension SQLServerDatabase {
    package func write<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await pool.run { try $0.transaction(until: $1, step) }
    }

    package func update<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await pool.run { session, deadline in
            do {
                return try session.single(until: deadline, step)
            } catch let failure as any SQLFailure where failure.isLost {
                throw ChangeInDoubt(failure: failure)
            }
        }
    }

    package func read<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await pool.run { try $0.single(until: $1, step) }
    }
}
