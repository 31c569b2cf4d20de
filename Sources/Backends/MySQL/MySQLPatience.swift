import Jobs

/// How long a server is waited for.
package struct MySQLPatience: Sendable {
    /// For a whole step, from its being asked for to its answer.
    let answer: Duration
    /// How long the server itself tries a statement: it gives up, too, when nobody waits any more.
    let statement: Duration?

    /// - Parameter answer: of half a second at least.
    package init(answer: Duration) {
        self.answer = answer
        statement = answer - .milliseconds(200)
    }

    private init(answer: Duration, statement: Duration?) {
        self.answer = answer
        self.statement = statement
    }

    /// So that requests have an answer within two seconds.
    package static let short = MySQLPatience(answer: .milliseconds(1800))
    /// For changes to large tables.
    static let unhurried = MySQLPatience(answer: .seconds(3600), statement: nil)

    /// Whole ones are all that the library knows.
    var seconds: UInt32 { UInt32(clamping: Int64(answer.seconds.rounded(.up))) }
}
