import Jobs
import RedisBackend
import TestServers
import Testing

@Suite struct `Redis client` {
    @Test(arguments: Server.allCases)
    func `what is written is read again, any bytes of it`(_ server: Server) async throws {
        try await server.withClient { client in
            let key = RedisArgument(freshKey())
            let bytes = (0...255).map { UInt8($0) } + Array("\r\n$-1\r\n".utf8)
            _ = try await client.send("SET", key, .init(bytes), "EX", 60)
            #expect(try await client.send("GET", key) == .text(bytes))
            #expect(try await client.send("STRLEN", key) == .integer(bytes.count))
            #expect(try await client.send("SET", key, "", "EX", 60).string == "OK")
            #expect(try await client.send("GET", key) == .text([]))
            #expect(try await client.send("DEL", key) == .integer(1))
            #expect(try await client.send("GET", key) == .null)
        }
    }

    @Test(arguments: Server.allCases)
    func `many tasks at once each get their own answer`(_ server: Server) async throws {
        try await server.withClient { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<2000 {
                    group.addTask {
                        let text = "\(number)" + String(repeating: "x", count: number % 977)
                        let answer = try await client.send("ECHO", .init(text))
                        #expect(answer.string == text)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `an answer of megabytes comes whole`() async throws {
        try await Server.single.withClient { client in
            let text = String(repeating: "0123456789abcdef", count: 1 << 18)
            let answer = try await client.send("ECHO", .init(text))
            #expect(answer.string == text)
        }
    }

    @Test(arguments: Server.allCases)
    func `commands sent in one go are answered in order, errors among them`(_ server: Server) async throws {
        try await server.withClient { client in
            let key = RedisArgument(freshKey())
            let answers = try await client.send(all: [["SET", key, "x", "EX", 60], ["INCR", key], ["GET", key]])
            #expect(answers.count == 3)
            #expect(answers.first?.string == "OK")
            guard case .failure(let error) = answers.dropFirst().first else {
                Issue.record("a letter was incremented")
                return
            }
            #expect(error.code == "ERR")
            #expect(answers.last?.string == "x")
        }
    }

    @Test(arguments: Server.allCases)
    func `a script runs the first time and again`(_ server: Server) async throws {
        try await server.withClient { client in
            let key = freshKey()
            // The key makes it a text that the server has not seen.
            let script = RedisScript("return {KEYS[1], ARGV[1], tonumber(ARGV[2]) + 1, {1, {2}}, false} -- \(key)")
            for _ in 0..<2 {
                let answer = try await client.run(script, keys: [key], arguments: ["a", 41])
                let expected: [RedisValue] = [
                    .text(Array(key.utf8)), .text(Array("a".utf8)), .integer(42),
                    .array([.integer(1), .array([.integer(2)])]), .null,
                ]
                #expect(answer == .array(expected))
            }
        }
    }

    @Test func `a script bears the name that the server gives it`() async throws {
        try await Server.single.withClient { client in
            let script = RedisScript("return 1")
            let name = try await client.send("SCRIPT", "LOAD", .init(script.text))
            #expect(name.string == script.sha1)
        }
    }

    @Test func `what the server refuses is thrown with its code`() async throws {
        try await Server.single.withClient { client in
            await #expect {
                _ = try await client.send("NOSUCHCOMMAND")
            } throws: { error in
                (error as? RedisError)?.code == "ERR" && "\(error)".contains("unknown command")
            }
        }
    }

    @Test func `the database of the URL is used`() async throws {
        let url = try Server.single.url
        let other = String(url.prefix { $0 != "?" }.dropLast(url.hasSuffix("/0") ? 2 : 0)) + "/3"
        try await withRedisClient(other) { client in
            let key = RedisArgument(freshKey())
            _ = try await client.send("SET", key, "there", "EX", 60)
            #expect(try await client.send("CLIENT", "INFO").string?.contains(" db=3 ") == true)
            try await Server.single.withClient { elsewhere in
                let value = try await elsewhere.send("GET", key)
                #expect(value == .null)
            }
        }
    }

    @Test func `a cancelled task does not bring answers out of order`() async throws {
        try await Server.single.withClient { client in
            for round in 0..<50 {
                let cancelled = Task { try await client.send("ECHO", "cancelled \(round)") }
                cancelled.cancel()
                let kept = try await client.send("ECHO", "kept \(round)")
                #expect(kept.string == "kept \(round)")
                _ = try? await cancelled.value
            }
        }
    }

    @Test(arguments: Server.allCases)
    func `a closed client says so at once, and stays closed`(_ server: Server) async throws {
        try await server.withClient { client in
            _ = try await client.send("PING")
            await client.close()
            // As often as a cluster has nodes that could be asked instead.
            for _ in 0..<5 {
                await expectUnavailable(within: .milliseconds(500)) { _ = try await client.send("PING") }
            }
        }
    }
}
