package import Jobs

/// A database as this target needs it: all that SQLite, PostgreSQL and MySQL each bring of their own.
///
/// Steps are synchronous: a driver runs them on threads of its own, where they may block. Drivers throw
/// ``JobStoreError/full`` and ``JobStoreError/unavailable(reason:)`` for what is the system's fault, and ``SQLError`` for
/// the rest, which is ours.
package protocol SQLDatabase: Sendable {
    /// What `/health` calls it.
    var kind: String { get }

    /// Runs `step` in one transaction that no other disturbs, and returns once it is committed. Where it throws, it has
    /// changed nothing. It may be run more than once (after a conflict, say), so it changes nothing but the database.
    func write<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R

    /// Runs `step`, which only reads, beside the writers. It sees what any `write` that returned before has written.
    func read<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R
}

/// One connection, in the hands of one step.
package protocol SQLConnection {
    var dialect: SQLDialect { get }

    /// The database's clock, which all its clients share: read no earlier than when the step's transaction began.
    var now: Timestamp { get }

    /// Runs a statement whose parameters are written `?`.
    /// - Returns: how many rows it found to change, even where they held the same values before.
    @discardableResult
    func execute(_ statement: String, with values: [SQLValue]) throws -> Int

    /// Runs a statement that answers with rows.
    func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow]
}

extension SQLConnection {
    @discardableResult
    func execute(_ statement: String, _ values: (any SQLStorable)?...) throws -> Int {
        try execute(statement, with: values.map { $0?.sqlValue ?? .null })
    }

    func query(_ statement: String, _ values: (any SQLStorable)?...) throws -> [SQLRow] {
        try query(statement, with: values.map { $0?.sqlValue ?? .null })
    }
}

/// How databases differ where the statements must say so.
package struct SQLDialect: Sendable {
    /// Ends a `SELECT` whose rows the same step goes on to change.
    package var locking: String
    /// Ends a `SELECT` that takes rows nobody else has taken; others are left out.
    package var lockingFree: String
    /// Whether an index may hold part of the rows only.
    package var hasPartialIndexes: Bool

    package init(locking: String, lockingFree: String, hasPartialIndexes: Bool) {
        self.locking = locking
        self.lockingFree = lockingFree
        self.hasPartialIndexes = hasPartialIndexes
    }
}

/// A statement that the database would not run: a mistake of ours, or rows that break a rule of the schema.
package struct SQLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The database's own.
    package let code: Int
    /// The database's own.
    package let message: String
    package let statement: String

    package init(code: Int, message: String, statement: String) {
        self.code = code
        self.message = message
        self.statement = statement
    }

    package var description: String { "\(message) (\(code)) in: \(statement)" }
}
