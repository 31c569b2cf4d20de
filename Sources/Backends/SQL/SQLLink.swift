/// A connection to a server, as a driver makes it. One thread at a time uses it.
package protocol SQLLink: AnyObject {
    var dialect: SQLDialect { get }

    /// What is said before the statements of each exchange.
    var preamble: [SQLStatement] { get }

    /// Whether nothing tells yet that the server has closed it. Asks nobody.
    var isOpen: Bool { get }

    /// Says several statements in one round trip; where one fails, those after it are not run.
    /// - Returns: an answer to each.
    /// - Throws: an ``SQLFailure``.
    func exchange(_ statements: [SQLStatement], until deadline: ContinuousClock.Instant) throws -> [SQLAnswer]
}

extension SQLLink {
    package var preamble: [SQLStatement] { [] }
}

/// What a server answered to one statement.
package struct SQLAnswer: Sendable {
    package let rows: [SQLRow]
    /// How many rows were found, or found to change.
    package let count: Int

    package init(rows: [SQLRow], count: Int) {
        self.rows = rows
        self.count = count
    }
}

/// What a server or its library said when something would not go.
package protocol SQLFailure: Error {
    /// Whether the connection is of no use any more.
    var isLost: Bool { get }
    /// Whether the step ran into another, and may succeed from its beginning.
    var isConflict: Bool { get }
    /// Whether the whole server is in the wrong state, and another connection may find a better one.
    var isServersFault: Bool { get }
    /// What callers see.
    var error: any Error { get }
}

/// The connection was lost while a change was on its way, so that nobody knows whether it was done.
struct ChangeInDoubt: Error {
    let failure: any SQLFailure
}
