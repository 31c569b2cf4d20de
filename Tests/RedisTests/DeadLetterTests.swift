import FoundationEssentials
import Jobs
import RedisBackend
import Testing

@Suite struct `Dead letters in Redis` {
    private func letters(_ numbers: Range<Int>) -> [DeadLetter] {
        numbers.map { number in
            DeadLetter(
                job: JobID(), reason: "timed_out: \"\(number)\" / é\n", attempts: number,
                timestamp: Timestamp(milliseconds: Int64(1_790_000_000_123 + number)))
        }
    }

    private func attempts(in key: String, _ client: RedisClient) async throws -> [Int] {
        try await client.send("LRANGE", .init(key), 0, -1).array?.compactMap { entry in
            try entry.bytes.map { try JSONDecoder().decode(Entry.self, from: Data($0)).attempts }
        } ?? []
    }

    private struct Entry: Decodable {
        let job_id: JobID
        let reason: String
        let attempts: Int
        let timestamp: String
    }

    @Test(arguments: Server.allCases)
    func `the newest comes first`(_ server: Server) async throws {
        try await server.withClient { client in
            let key = freshKey()
            let mirror = RedisDeadLetters(client, key: key)
            try await mirror.append(letters(1..<3))
            try await mirror.append([])
            try await mirror.append(letters(3..<4))
            #expect(try await attempts(in: key, client) == [3, 2, 1])
            try await mirror.replace(with: letters(7..<10))
            #expect(try await attempts(in: key, client) == [7, 8, 9])
            try await mirror.replace(with: [])
            #expect(try await client.send("EXISTS", .init(key)) == .integer(0))
        }
    }

    @Test(arguments: Server.allCases)
    func `one of many processes writes them anew`(_ server: Server) async throws {
        try await server.withClient { client in
            let mirror = RedisDeadLetters(client, key: freshKey())
            var turns = 0
            for _ in 0..<3 where try await mirror.takeTurn() { turns += 1 }
            #expect(turns == 1)
        }
    }

    @Test func `an entry names job, reason, attempts and time`() async throws {
        try await Server.single.withClient { client in
            let key = freshKey()
            let letter = letters(5..<6)[0]
            try await RedisDeadLetters(client, key: key).append([letter])
            let text = try #require(try await client.send("LINDEX", .init(key), 0).string)
            let entry = try JSONDecoder().decode(Entry.self, from: Data(text.utf8))
            #expect(entry.job_id == letter.job)
            #expect(entry.reason == letter.reason)
            #expect(entry.attempts == 5)
            #expect(entry.timestamp == "2026-09-21T14:13:20.128Z")
            _ = try await client.send("DEL", .init(key))
        }
    }

    @Test func `ten thousand are kept`() async throws {
        try await Server.single.withClient { client in
            let key = freshKey()
            let mirror = RedisDeadLetters(client, key: key)
            try await mirror.replace(with: letters(0..<10_050))
            #expect(try await client.send("LLEN", .init(key)) == .integer(10_000))
            try await mirror.append(letters(20_000..<20_002))
            let kept = try await attempts(in: key, client)
            #expect(kept.count == 10_000)
            #expect(kept.prefix(3) == [20_001, 20_000, 0])
            #expect(kept.last == 9_997)
            _ = try await client.send("DEL", .init(key))
        }
    }
}
