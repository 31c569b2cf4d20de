package import Jobs

/// A database as this target needs it: all that SQLite, PostgreSQL and MySQL each bring of their own.
///
/// Steps are synchronous: a driver runs them on threads of its own, where they may block. Drivers throw
/// ``JobStoreError/full`` and ``JobStoreError/unavailable(reason:)`` for what is the system's fault, and ``SQLError`` for
/// the rest, which is ours.
///
/// Steps run side by side and see what others have committed (READ COMMITTED; SQLite's single writer is stricter), so each
/// locks what it decides on: files, then jobs with the leader before its followers, then cached results, then blobs.
/// Where two steps still cross (a deadlock, or a unique key that another has just written), a driver runs the loser again
/// from its beginning, a few times.
package protocol SQLDatabase: Sendable {
    /// What `/health` calls it.
    var kind: String { get }

    var dialect: SQLDialect { get }

    /// Runs `step` in one transaction, and returns once it is committed. Where it throws, it has changed nothing. It may be
    /// run more than once (after a conflict, say), so it changes nothing but the database.
    func write<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R

    /// Like ``write(_:)``, for a step that says one thing only, a statement or one list of them, and so needs no
    /// transaction opened and closed around it.
    func update<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R

    /// Runs `step`, which only reads, beside the writers. It sees what any `write` that returned before has written.
    func read<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R

    /// Runs `step` like ``write(_:)``, and at most one such step at a time among all the database's clients: they wait for
    /// each other. It changes tables, which may take minutes, and which not every database can undo.
    func exclusively<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R
}

extension SQLDatabase {
    package func update<R: Sendable>(
        _ step: @escaping @Sendable (any SQLConnection) throws -> R
    ) async throws -> R {
        try await write(step)
    }
}

/// One connection, in the hands of one step.
package protocol SQLConnection {
    var dialect: SQLDialect { get }

    /// The database's clock, which all its clients share: read no earlier than when the step's transaction began, and the
    /// same throughout it.
    var now: Timestamp { get throws }

    /// Runs a statement whose parameters are written `?`.
    /// - Returns: how many rows it found to change, even where they held the same values before.
    @discardableResult
    func execute(_ statement: String, with values: [SQLValue]) throws -> Int

    /// Runs a statement that answers with rows.
    func query(_ statement: String, with values: [SQLValue]) throws -> [SQLRow]

    /// Executes statements in this order, none of which needs another's answer: in one round trip where the driver can.
    /// - Returns: for each, how many rows it found to change.
    func execute(each statements: [SQLStatement]) throws -> [Int]

    /// Asks several things in this order, in one round trip where the driver can.
    /// - Returns: for each, its rows.
    func query(each statements: [SQLStatement]) throws -> [[SQLRow]]

    /// Executes a statement whose outcome nobody asks for, in its place among the others, but perhaps not before the next
    /// that is asked for, or the commit: drivers then send it along with that. Where it fails, so does the step.
    func executeLater(_ statement: SQLStatement) throws
}

extension SQLConnection {
    package func execute(each statements: [SQLStatement]) throws -> [Int] {
        try statements.map { try execute($0.text, with: $0.values) }
    }

    package func query(each statements: [SQLStatement]) throws -> [[SQLRow]] {
        try statements.map { try query($0.text, with: $0.values) }
    }

    package func executeLater(_ statement: SQLStatement) throws {
        try execute(statement.text, with: statement.values)
    }

    @discardableResult
    func execute(_ text: String, _ values: (any SQLStorable)?...) throws -> Int {
        try execute(text, with: values.map { $0?.sqlValue ?? .null })
    }

    func query(_ text: String, _ values: (any SQLStorable)?...) throws -> [SQLRow] {
        try query(text, with: values.map { $0?.sqlValue ?? .null })
    }

    /// Asks what several lists of statements ask, in one round trip where the driver can.
    /// - Returns: for each list, the rows of all its statements.
    func query(lists: [[SQLStatement]]) throws -> [[SQLRow]] {
        var answers = try query(each: Array(lists.joined()))[...]
        return lists.map { list in
            defer { answers = answers.dropFirst(list.count) }
            return Array(answers.prefix(list.count).joined())
        }
    }

    func executeLater(_ text: String, _ values: (any SQLStorable)?...) throws {
        try executeLater(SQLStatement(text: text, values: values.map { $0?.sqlValue ?? .null }))
    }

    func executeLater(each statements: [SQLStatement]) throws {
        for statement in statements { try executeLater(statement) }
    }
}

/// A statement with its values.
package struct SQLStatement: Hashable, Sendable {
    /// Parameters are written `?`.
    package let text: String
    package let values: [SQLValue]

    package init(text: String, values: [SQLValue] = []) {
        self.text = text
        self.values = values
    }

    init(_ text: String, _ values: (any SQLStorable)?...) {
        self.init(text: text, values: values.map { $0?.sqlValue ?? .null })
    }
}
