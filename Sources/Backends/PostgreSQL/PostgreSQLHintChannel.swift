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

    /// - Parameters:
    ///   - database: sends on its connections.
    ///   - name: who uses the same name in the same database hears each other; at most 63 bytes.
    package init(_ address: PostgreSQLAddress, _ database: PostgreSQLDatabase, name: String = "tintype") {
        self.address = address
        self.database = database
        self.name = name
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
        let address = address
        try await withTaskCancellationHandler {
            try await thread.run {
                do {
                    try Self.listen(to: address, by: command, until: isOver, hear)
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
    private static func listen(
        to address: PostgreSQLAddress, by command: String, until isOver: Flag, _ hear: (Hints) -> Void
    ) throws {
        let link = try PostgreSQLLink(to: address)
        _ = try link.exchange([.init(text: command)], until: .now + answerLimit)
        var lastWord = ContinuousClock.now
        while !isOver.isRaised {
            for text in try link.notifications(waiting: glance) {
                if let hints = Hints(text: text) { hear(hints) }
                lastWord = .now
            }
            // A server that went away without a word is as silent as one with nothing to say.
            if lastWord.duration(to: .now) > maxSilence {
                _ = try link.exchange([.init(text: "SELECT 1")], until: .now + answerLimit)
                lastWord = .now
            }
        }
    }

    /// How long the thread waits on the socket before it looks whether it is to stop.
    private static let glance = Duration.milliseconds(500)
    private static let maxSilence = Duration.seconds(15)
    private static let answerLimit = Duration.seconds(2)
}
