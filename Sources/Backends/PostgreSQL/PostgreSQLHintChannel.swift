package import Jobs
import SQLBackend
import Threads

/// Hints by LISTEN and NOTIFY (https://www.postgresql.org/docs/15/sql-notify.html): whoever listens has a connection for it.
///
/// They are sent outside of the jobs' transactions: a NOTIFY inside would make the commits of all processes queue up.
package struct PostgreSQLHintChannel: HintChannel {
    private let address: PostgreSQLAddress
    private let database: PostgreSQLDatabase
    private let name: String
    private let maxSilence: Duration

    /// - Parameters:
    ///   - database: sends on its connections.
    ///   - name: who uses the same name in the same database hears each other; at most 63 bytes.
    ///   - maxSilence: after this long with no hint the server is asked whether it is there.
    package init(
        _ address: PostgreSQLAddress, _ database: PostgreSQLDatabase, name: String = "tintype",
        maxSilence: Duration = .seconds(15)
    ) {
        self.address = address
        self.database = database
        self.name = name
        self.maxSilence = maxSilence
    }

    package func send(_ hints: Hints) async throws {
        _ = try await database.update { connection in
            try connection.query("SELECT pg_notify(?, ?)", with: [.text(name), .text(hints.text)])
        }
    }

    package func listen(_ hear: @escaping @Sendable (Hints) -> Void) async throws {
        let isOver = Flag()
        let thread = BlockingThreads(count: 1, limit: 1)
        let command = "LISTEN \"\(name.replacing("\"", with: "\"\""))\""
        try await withTaskCancellationHandler {
            try await thread.run {
                do {
                    try listen(by: command, until: isOver, hear)
                } catch let failure as PostgreSQLFailure {
                    throw failure.error
                }
            }
            try Task.checkCancellation()
        } onCancel: {
            isOver.raise()
        }
    }

    /// Listens until the flag is up.
    /// - Throws: ``PostgreSQLFailure``.
    private func listen(by command: String, until isOver: Flag, _ hear: (Hints) -> Void) throws {
        let link = try PostgreSQLLink(to: address)
        _ = try link.exchange([SQLStatement(text: command)], until: .now + Self.answerLimit)
        var lastWord = ContinuousClock.now
        while !isOver.isRaised {
            for text in try link.notifications(waiting: Self.glance) {
                if let hints = Hints(text: text) { hear(hints) }
                lastWord = .now
            }
            // A server that went away without a word is as silent as one with nothing to say.
            if lastWord.duration(to: .now) > maxSilence {
                _ = try link.exchange([SQLStatement(text: "SELECT 1")], until: .now + Self.answerLimit)
                lastWord = .now
            }
        }
    }

    /// How long the thread waits on the socket before it looks whether it is to stop.
    private static let glance = Duration.milliseconds(500)
    private static let answerLimit = Duration.seconds(2)
}
