import Jobs
import RedisBackend
import Synchronization
import TestServers
import Testing

@Suite struct `Hints through Redis` {
    /// What was heard so far.
    private final class Heard: Sendable {
        private let hints = Mutex<[Hints]>([])
        func add(_ one: Hints) { hints.withLock { $0.append(one) } }
        var all: [Hints] { hints.withLock { $0 } }
    }

    @Test(arguments: Server.allCases)
    func `everyone who listens hears, in order`(_ server: Server) async throws {
        try await server.withClient { client in
            let channel = RedisHintChannel(client, name: freshKey())
            let heard = [Heard(), Heard()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for ear in heard { group.addTask { try await channel.listen(ear.add) } }
                let first = Hints(sender: "greeting")
                try await eventually {
                    try await channel.send(first)
                    return heard.allSatisfy { !$0.all.isEmpty }
                }
                let told = (0..<50).map { Hints(sender: "\($0)", changed: [JobID(), JobID()], isWork: $0 % 2 == 0) }
                for hints in told { try await channel.send(hints) }
                for ear in heard {
                    try await eventually { ear.all.filter { $0 != first } == told }
                }
                group.cancelAll()
                while let end = await group.nextResult() {
                    #expect(throws: CancellationError.self) { try end.get() }
                }
            }
        }
    }

    @Test func `listening ends when the channel breaks`() async throws {
        try await Server.single.withRelay { relay, url in
            try await withRedisClient(url) { client in
                let heard = Heard()
                let channel = RedisHintChannel(client, name: freshKey())
                let listening = Task { try await channel.listen(heard.add) }
                try await eventually {
                    try await channel.send(Hints(sender: "a"))
                    return !heard.all.isEmpty
                }
                relay.cut()
                await expectUnavailable { try await listening.value }
            }
        }
    }
}
