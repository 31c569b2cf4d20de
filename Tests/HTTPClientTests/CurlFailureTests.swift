import FoundationEssentials
import HTTPClient
import Synchronization
import SystemPackage
import TestServers
import Testing

@Suite struct `An HTTP client that gets no answer` {
    @Test(arguments: ["ftp://127.0.0.1/a", "file:///etc/hostname", "gopher://127.0.0.1/", "http://", "http://a b/"])
    func `refuses what is no HTTP URL`(_ url: String) async throws {
        await #expect {
            _ = try await CurlClient().send(CurlRequest(.get, url))
        } throws: { error in
            if case CurlError.unusable = error { true } else { false }
        }
    }

    @Test func `says that a server speaks no HTTP`() async throws {
        try await withScriptedServer { _ in
            .plain("SSH-2.0-OpenSSH_9.2\r\n")
        } _: { _, url in
            await #expect(throws: CurlError.unusable(reason: "The server does not speak HTTP")) {
                _ = try await CurlClient().send(CurlRequest(.get, url))
            }
        }
    }

    @Test func `sends no field that smuggles another`() async throws {
        try await withScriptedServer { _ in
            .text(200, "")
        } _: { server, url in
            await #expect(throws: CurlError.unusable(reason: "a control character in the field x")) {
                _ = try await CurlClient().send(CurlRequest(.get, url, fields: ["x": "a\r\ny: b"]))
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `says that nobody listens`() async throws {
        // A port that was just free.
        let url = try await withScriptedServer { _ in
            .silence
        } _: { _, url in
            url
        }
        await #expect {
            _ = try await CurlClient().send(CurlRequest(.get, url))
        } throws: { error in
            if case CurlError.unreachable = error { (error as? CurlError)?.isTransient == true } else { false }
        }
    }

    @Test func `gives up when nothing moves`() async throws {
        try await withScriptedServer { _ in
            .silence
        } _: { _, url in
            let start = ContinuousClock.now
            await #expect(throws: CurlError.timedOut(reason: "Nothing came or went for 200 ms")) {
                _ = try await CurlClient().send(CurlRequest(.get, url, idleLimit: .milliseconds(200)))
            }
            let time = start.duration(to: .now)
            #expect(time >= .milliseconds(200))
            #expect(time < .seconds(10))
        }
    }

    @Test func `gives up at the limit for the whole transfer`() async throws {
        try await withScriptedServer { _ in
            .silence
        } _: { _, url in
            await #expect {
                _ = try await CurlClient().send(
                    CurlRequest(.get, url, idleLimit: .seconds(60), totalLimit: .milliseconds(200)))
            } throws: { error in
                if case CurlError.timedOut = error { true } else { false }
            }
        }
    }

    @Test(arguments: [ScriptedAnswer.hangUp, .cutShort(body: [1, 2, 3], announced: 10)])
    func `does not take a broken answer for a whole one`(_ answer: ScriptedAnswer) async throws {
        try await withScriptedServer { _ in
            answer
        } _: { _, url in
            await #expect {
                _ = try await CurlClient().send(CurlRequest(.get, url))
            } throws: { error in
                if case CurlError.broken = error { true } else { false }
            }
        }
    }

    @Test func `takes no head without end`() async throws {
        let fields = Dictionary(
            uniqueKeysWithValues: (0..<3).map { ("x-\($0)", String(repeating: "a", count: 90_000)) })
        try await withScriptedServer { _ in
            .text(200, "x", fields: fields)
        } _: { _, url in
            await #expect(throws: CurlError.broken(reason: "The answer's head is longer than 262144 bytes")) {
                _ = try await CurlClient().send(CurlRequest(.get, url))
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `ends at once when its task is cancelled`() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in
            arrive.yield()
            return .silence
        }
        try await withScriptedServer(script) { _, url in
            let client = CurlClient()
            let task = Task { try await client.send(CurlRequest(.get, url, idleLimit: .seconds(600))) }
            for await _ in arrivals { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            // Cancelled before it began.
            let late = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await client.send(CurlRequest(.get, url, idleLimit: .seconds(600)))
            }
            await #expect(throws: CancellationError.self) { _ = try await late.value }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `lets nobody wait for a turn for ever`() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in
            arrive.yield()
            return .silence
        }
        try await withScriptedServer(script) { _, url in
            var profile = CurlProfile()
            profile.concurrency = 1
            profile.waitingLimit = 1
            profile.waitingTime = .milliseconds(100)
            let client = CurlClient(profile)
            let first = Task { try await client.send(CurlRequest(.get, url, idleLimit: .seconds(600))) }
            for await _ in arrivals { break }
            await #expect(throws: CurlError.busy(reason: "1 requests run already, and nothing moves")) {
                _ = try await client.send(CurlRequest(.get, url))
            }
            first.cancel()
            _ = await first.result
        }
    }

    @Test(.timeLimit(.minutes(1))) func `counts a wait for a turn, in which nothing moves, as one for the answer`()
        async throws
    {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in
            arrive.yield()
            return .silence
        }
        try await withScriptedServer(script) { _, url in
            var profile = CurlProfile()
            profile.concurrency = 1
            profile.waitingTime = .seconds(60)
            let client = CurlClient(profile)
            async let first = client.send(CurlRequest(.get, url, idleLimit: .seconds(2)))
            for await _ in arrivals { break }
            let start = ContinuousClock.now
            await #expect {
                _ = try await client.send(CurlRequest(.get, url, idleLimit: .seconds(2)))
            } throws: { error in
                if case CurlError.timedOut = error { true } else { false }
            }
            #expect(start.duration(to: .now) < .milliseconds(3500))
            _ = try? await first
        }
    }

    @Test func `keeps no file open of a request that cannot be sent`() async throws {
        try await withTemporaryFile([1, 2, 3]) { file in
            await #expect(throws: CurlError.unusable(reason: "a control character in the field x")) {
                _ = try await CurlClient().send(
                    CurlRequest(.put, "http://127.0.0.1", fields: ["x": "\n"], body: .file(file, 0..<3)))
            }
            let open = try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").map {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/dev/fd/\($0)")
            }
            #expect(!open.contains(file.string))
        }
    }

    @Test func `names the file that it cannot read or write`() async throws {
        try await withScriptedServer { _ in
            .text(200, "x")
        } _: { _, url in
            let client = CurlClient()
            await #expect(throws: CurlError.file(.noSuchFileOrDirectory)) {
                _ = try await client.send(CurlRequest(.put, url, body: .file("/none/such", 0..<1)))
            }
            await #expect(throws: CurlError.file(.noSuchFileOrDirectory)) {
                _ = try await client.send(CurlRequest(.get, url, destination: .file("/none/such", limit: 1)))
            }
        }
    }
}

@Suite struct `A guarded HTTP client` {
    @Test(arguments: ["127.0.0.1", "0x7f.1", "2130706433", "localhost", "[::ffff:127.0.0.1]"])
    func `judges the address a name leads to, however it is written`(_ host: String) async throws {
        let seen = Mutex<[ResolvedAddress]>([])
        try await withScriptedServer { _ in
            .text(200, "x")
        } _: { server, url in
            let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
            var profile = CurlProfile()
            profile.mayConnect = { address in
                seen.withLock { $0.append(address) }
                return false
            }
            await #expect(throws: CurlError.forbiddenAddress) {
                _ = try await CurlClient(profile).send(CurlRequest(.get, "http://\(host):\(port)/"))
            }
            #expect(server.connections == 0)
            let loopback: Set<[UInt8]> = [
                [127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1],
                [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1],
            ]
            let addresses = seen.withLock { $0 }
            #expect(!addresses.isEmpty)
            #expect(addresses.allSatisfy { loopback.contains($0.bytes) && $0.port == port })
        }
    }

    @Test func `connects where it may`() async throws {
        try await withScriptedServer { _ in
            .text(200, "x")
        } _: { _, url in
            var profile = CurlProfile()
            profile.mayConnect = { $0.bytes == [127, 0, 0, 1] }
            let answer = try await CurlClient(profile).send(CurlRequest(.get, url))
            #expect(answer.status == 200)
        }
    }
}
