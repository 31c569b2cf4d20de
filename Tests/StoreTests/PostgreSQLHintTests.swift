import Jobs
import PostgreSQLBackend
import SQLBackend
import TestServers
import Testing

@Suite struct `Hints by PostgreSQL` {
    @Test func `what one process says, the others hear`() async throws {
        try await withChannel { channel, _ in
            let all = Hints(sender: "me", changed: (0..<Hints.maxChanged).map { _ in JobID() }, isWork: true)
            try await hearing(channel) { heard in
                for hints in [all, Hints(sender: "me"), Hints(sender: "me", changed: [JobID()])] {
                    try await channel.send(hints)
                    let found = await heard.next()
                    #expect(found == hints)
                }
            }
        }
    }

    @Test func `listening ends when its connection breaks`() async throws {
        try await withChannel { channel, name in
            await #expect(throws: JobStoreError.self) {
                try await hearing(channel) { heard in
                    let server = try PostgreSQLServer.database()
                    _ = try await server.read {
                        try $0.query(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = ?",
                            with: [.text("LISTEN \"\(name)\"")])
                    }
                    // It ends here, as the task that listens fails.
                    for await _ in heard {}
                }
            }
        }
    }

    // Where it is not asked whether it is there, listening has no end.
    @Test(.timeLimit(.minutes(5))) func `listening ends where the server falls silent`() async throws {
        try await withPostgreSQL { _ in
            try await Relay.with(to: try PostgreSQLServer.port()) { relay in
                let address = try PostgreSQLServer.address(try PostgreSQLServer.url(port: relay.port))
                let channel = PostgreSQLHintChannel(
                    address, PostgreSQLDatabase(address, connections: 1), name: "test \(JobID())",
                    maxSilence: .milliseconds(100))
                await #expect(throws: JobStoreError.self) {
                    try await hearing(channel) { heard in
                        relay.isSilent = true
                        for await _ in heard {}
                    }
                }
            }
        }
    }

    private func withChannel(_ body: (PostgreSQLHintChannel, String) async throws -> Void) async throws {
        try await withPostgreSQL { address in
            let name = "test \(JobID())"
            try await body(
                PostgreSQLHintChannel(address, PostgreSQLDatabase(address, connections: 1), name: name), name)
        }
    }

    /// Runs `body` while `channel` is listened to, from when it is.
    private func hearing(
        _ channel: PostgreSQLHintChannel, _ body: (AsyncStream<Hints>) async throws -> Void
    ) async throws {
        let greeting = Hints(sender: "greeter")
        let (heard, word) = AsyncStream.makeStream(of: Hints.self)
        let (greeted, greet) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup { group in
            group.addTask {
                defer {
                    word.finish()
                    greet.finish()
                }
                do {
                    try await channel.listen { hints in
                        if hints == greeting { greet.finish() } else { word.yield(hints) }
                    }
                } catch is CancellationError {
                }
            }
            // Nothing tells when it has begun, except that it hears.
            await withTaskGroup { greeters in
                greeters.addTask {
                    while !Task.isCancelled {
                        try? await channel.send(greeting)
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                }
                for await _ in greeted {}
                greeters.cancelAll()
            }
            try await body(heard)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

extension AsyncStream {
    fileprivate func next() async -> Element? {
        for await element in self { return element }
        return nil
    }
}
