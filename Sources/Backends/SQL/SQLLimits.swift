/// How long a server is waited for.
package struct SQLLimits: Sendable {
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
    package var exclusive = Duration.seconds(3600)
    /// How long a connection that nobody needs stays open.
    package var idle = Duration.seconds(15)

    package init() {}
}
