package import Jobs
import NIOCore

/// Hints by PUBLISH and SUBSCRIBE. A cluster passes what is published to all of its nodes.
package struct RedisHintChannel: HintChannel {
    private let client: RedisClient
    private let name: String

    /// How often a channel on which nothing is said is asked whether it still stands.
    private static let interval = Duration.seconds(15)

    package init(_ client: RedisClient, name: String = "tintype:hints") {
        self.client = client
        self.name = name
    }

    package func send(_ hints: Hints) async throws {
        _ = try await client.send("PUBLISH", .text(name), .text(hints.text))
    }

    /// - Throws: ``JobStoreError/unavailable(reason:)`` when the channel breaks, which a silent one shows within 17 s.
    package func listen(_ hear: @escaping @Sendable (Hints) -> Void) async throws {
        let connection = try await client.connection(for: nil) { payload in
            if let hints = Hints(text: String(decoding: payload, as: UTF8.self)) { hear(hints) }
        }
        defer { connection.close() }
        _ = try await connection.send(["SUBSCRIBE", .text(name)], within: RedisClient.patience)
        try await withThrowingTaskGroup { group in
            // Not only by asking: a connection that was closed is to be noticed at once.
            group.addTask {
                try await connection.closed.get()
                throw JobStoreError.unavailable(reason: "\(connection.address): the channel of hints was closed")
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.interval)
                    _ = try await connection.send(["PING"], within: RedisClient.patience)
                }
            }
            defer {
                group.cancelAll()
                connection.close()
            }
            do {
                try await group.next()
            } catch {
                try Task.checkCancellation()
                throw error
            }
        }
    }
}
