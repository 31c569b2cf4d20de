#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
package import Jobs

/// The copy of the dead letters as a list of JSON texts, the newest first:
/// `redis-cli lrange dead_letter_queue 0 -1`.
package struct RedisDeadLetters: DeadLetterMirror {
    private let client: RedisClient
    private let key: String

    package init(_ client: RedisClient, key: String = "dead_letter_queue") {
        self.client = client
        self.key = key
    }

    package func append(_ letters: [DeadLetter]) async throws {
        guard !letters.isEmpty else { return }
        let texts = try letters.suffix(DeadLetters.capacity).map(Self.text)
        _ = try await client.run(
            Self.appending, keys: [key], arguments: [.integer(DeadLetters.capacity)] + texts)
    }

    /// Of all processes one has the turn, once in 40 s.
    package func takeTurn() async throws -> Bool {
        try await client.send("SET", .text(sibling("rebuilt")), 1, "NX", "EX", 40) != .null
    }

    /// Writes them beside the list first, in pieces that hold up nobody else on the connection or the server.
    package func replace(with letters: [DeadLetter]) async throws {
        let texts = try letters.prefix(DeadLetters.capacity).map(Self.text)
        guard !texts.isEmpty else {
            _ = try await client.send("DEL", .text(key))
            return
        }
        let draft = RedisArgument.text(sibling("new"))
        _ = try await client.send("DEL", draft)
        for start in stride(from: 0, to: texts.count, by: Self.pageSize) {
            _ = try await client.send(["RPUSH", draft] + texts[start..<min(start + Self.pageSize, texts.count)])
        }
        _ = try await client.send("RENAME", draft, .text(key))
    }

    private static let pageSize = 500

    /// A key in the same slot of a cluster, though the list's name bears no braces.
    private func sibling(_ name: String) -> String { "{\(RedisRoutes.tag(of: key))}:\(name)" }

    // One at a time: a Lua call takes some thousands of words at most.
    private static let appending = RedisScript(
        """
        for i = 2, #ARGV do redis.call('LPUSH', KEYS[1], ARGV[i]) end
        redis.call('LTRIM', KEYS[1], 0, ARGV[1] - 1)
        """)

    /// `{"attempts":5,"job_id":"…","reason":"…","timestamp":"2026-11-21T05:24:00.123Z"}`
    private static func text(of letter: DeadLetter) throws -> RedisArgument {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let entry = Entry(
            jobID: letter.job, reason: letter.reason, attempts: letter.attempts,
            timestamp: letter.timestamp.description)
        return .bytes(Array(try encoder.encode(entry)))
    }

    private struct Entry: Encodable {
        let jobID: JobID
        let reason: String
        let attempts: Int
        let timestamp: String

        enum CodingKeys: String, CodingKey {
            case jobID = "job_id"
            case reason, attempts, timestamp
        }
    }
}
