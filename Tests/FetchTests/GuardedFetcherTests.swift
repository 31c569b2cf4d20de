import FetchBackend
import FoundationEssentials
import Jobs
import SystemPackage
import TestServers
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct `Fetching a URL` {
    @Test func `gives the bytes, asked for as they are and with nothing of ours`() async throws {
        try await withFetcher { _ in
            .text(200, "picture")
        } _: { fetcher, server, url in
            #expect(try await fetch("\(url)/a%20b/\u{FC}.png?c=d#e", with: fetcher) == Array("picture".utf8))
            let request = try #require(server.requests.first)
            #expect(request.method == "GET")
            #expect(request.target == "/a%20b/%C3%BC.png?c=d")
            #expect(request.fields["accept-encoding"] == "identity")
            #expect(Set(request.fields.keys) == ["accept", "accept-encoding", "host", "user-agent"])
        }
    }

    @Test func `goes through no proxy of the environment`() async throws {
        // In a process of its own, whose environment nobody else reads.
        await #expect(processExitsWith: .success) {
            for name in ["http_proxy", "all_proxy", "ALL_PROXY"] { unsafe setenv(name, "http://127.0.0.1:1", 1) }
            try await withFetcher { _ in
                .text(200, "x")
            } _: { fetcher, _, url in
                let bytes = try await fetch(url, with: fetcher)
                #expect(bytes == Array("x".utf8))
            }
        }
    }

    @Test func `takes a compressed answer as it comes`() async throws {
        // A gzip member of nothing.
        let bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        try await withFetcher { _ in
            .answer(200, fields: ["content-encoding": "gzip"], body: bytes)
        } _: { fetcher, _, url in
            let fetched = try await fetch(url, with: fetcher)
            #expect(fetched == bytes)
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `follows three redirects and no fourth`(_ status: Int) async throws {
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { request in
            let left = request.target.last?.wholeNumberValue ?? 0
            return left == 0 ? .text(200, "end") : .text(status, "moved", fields: ["location": "\(left - 1)"])
        }
        try await withFetcher(script) { fetcher, server, url in
            let bytes = try await fetch("\(url)/a/3", with: fetcher)
            #expect(bytes == Array("end".utf8))
            #expect(server.requests.map(\.target) == ["/a/3", "/a/2", "/a/1", "/a/0"])
            #expect(server.requests.allSatisfy { $0.fields["referer"] == nil })
            await #expect(throws: FetchError.tooManyRedirects(limit: 3)) {
                _ = try await fetch("\(url)/a/4", with: fetcher)
            }
            #expect(server.requests.last?.target == "/a/1")
        }
    }

    @Test(arguments: ["ftp://127.0.0.1/", "http://a:b@127.0.0.1/", "http://"])
    func `does not follow a redirect to what nobody may ask for`(_ location: String) async throws {
        try await withFetcher { _ in
            .text(302, "", fields: ["location": location])
        } _: { fetcher, server, url in
            await #expect {
                _ = try await fetch(url, with: fetcher)
            } throws: { error in
                if case FetchError.unusable = error { (error as? FetchError)?.isRetryable == false } else { false }
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `goes to the allowed ports alone`() async throws {
        try await withScriptedServer { _ in
            .text(200, "x")
        } _: { server, url in
            let fetcher = GuardedFetcher(AddressGuard(allowedNetworks: ["127.0.0.1"]))
            for host in ["127.0.0.1", "localhost"] {
                await #expect(throws: FetchError.forbidden) {
                    _ = try await fetch("http://\(host):\(try port(of: url))/", with: fetcher)
                }
            }
            #expect(server.connections == 0)
        }
    }

    @Test(arguments: [400, 401, 404, 410, 300, 304, 302])
    func `tells a final status, and reads no more than that`(_ status: Int) async throws {
        try await withFetcher { _ in
            .endless(status, piece: 1000, every: .zero)
        } _: { fetcher, _, url in
            let error = try await #require(throws: FetchError.self) { _ = try await fetch(url, with: fetcher) }
            #expect(error == .status(status, retryAfter: nil))
            #expect("\(error)" == "fetching the URL failed with status \(status)")
            #expect(!error.isRetryable)
        }
    }

    @Test(arguments: [429, 500, 502, 503, 504])
    func `tells a status that may pass, and when to come again`(_ status: Int) async throws {
        try await withFetcher { _ in
            .text(status, "", fields: ["retry-after": "7"])
        } _: { fetcher, _, url in
            let error = try await #require(throws: FetchError.self) { _ = try await fetch(url, with: fetcher) }
            #expect(error.isRetryable)
            #expect(error.retryAfter == .seconds(7))
        }
    }

    @Test func `refuses a body that is announced too long, before it comes`() async throws {
        try await withFetcher { _ in
            .cutShort(body: [], announced: 1001)
        } _: { fetcher, _, url in
            let error = try await #require(throws: FetchError.self) { _ = try await fetch(url, with: fetcher) }
            #expect(error == .tooLarge(limit: 1000))
            #expect(!error.isRetryable)
        }
    }

    @Test func `cuts off a body without end`() async throws {
        try await withFetcher { _ in
            .endless(200, piece: 300, every: .zero)
        } _: { fetcher, _, url in
            await #expect(throws: FetchError.tooLarge(limit: 1000)) { _ = try await fetch(url, with: fetcher) }
        }
    }

    @Test func `keeps a body of exactly the limit`() async throws {
        let bytes = [UInt8](repeating: 7, count: 1000)
        try await withFetcher { _ in
            .answer(200, body: bytes)
        } _: { fetcher, _, url in
            let fetched = try await fetch(url, with: fetcher)
            #expect(fetched == bytes)
        }
    }

    @Test(arguments: [ScriptedAnswer.hangUp, .cutShort(body: [1, 2, 3], announced: 10)])
    func `does not take a part for the whole`(_ answer: ScriptedAnswer) async throws {
        try await withFetcher { _ in
            answer
        } _: { fetcher, _, url in
            await #expect {
                _ = try await fetch(url, with: fetcher)
            } throws: { error in
                if case FetchError.broken = error { (error as? FetchError)?.isRetryable == true } else { false }
            }
        }
    }

    @Test(arguments: [ScriptedAnswer.silence, .endless(200, piece: 1, every: .milliseconds(20))])
    func `ends in its time, whether nothing comes or a little`(_ answer: ScriptedAnswer) async throws {
        try await withFetcher(totalLimit: .milliseconds(300)) { _ in
            answer
        } _: { fetcher, _, url in
            let start = ContinuousClock.now
            let error = try await #require(throws: FetchError.self) { _ = try await fetch(url, with: fetcher) }
            #expect(error == .timedOut)
            #expect(error.isRetryable)
            #expect(start.duration(to: .now) < .seconds(5))
        }
    }

    @Test func `counts its time over all redirects`() async throws {
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { request in
            request.target == "/a" ? .text(200, "x") : .text(302, "", fields: ["location": "/a"])
        }
        try await withScriptedServer(script) { _, url in
            try await Relay.with(to: Int(try port(of: url))) { relay in
                // Each of the two answers takes 600 ms at least.
                relay.delay = .milliseconds(300)
                let rules = AddressGuard(allowedPorts: [UInt16(relay.port)], allowedNetworks: ["127.0.0.1"])
                let fetcher = GuardedFetcher(rules, totalLimit: .milliseconds(900))
                await #expect(throws: FetchError.timedOut) {
                    _ = try await fetch("http://127.0.0.1:\(relay.port)/", with: fetcher)
                }
            }
        }
    }

    @Test func `says that nobody listens, and does not say where`() async throws {
        let url = try await withScriptedServer { _ in
            .silence
        } _: { _, url in
            url
        }
        let rules = AddressGuard(allowedPorts: [try port(of: url)], allowedNetworks: ["127.0.0.0/8", "::1"])
        let error = try await #require(throws: FetchError.self) {
            _ = try await fetch("http://localhost:\(try port(of: url))/", with: GuardedFetcher(rules))
        }
        guard case .unreachable = error else { throw error }
        #expect(error.isRetryable)
        #expect(!"\(error)".contains("127"))
        #expect(!"\(error)".contains("::1"))
    }

    @Test(.timeLimit(.minutes(1))) func `ends with its task`() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        try await withFetcher { _ in
            arrive.yield()
            return .silence
        } _: { fetcher, _, url in
            let task = Task { try await fetch(url, with: fetcher) }
            for await _ in arrivals { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    #if os(Linux)
        @Test func `finds a name that is not ASCII`() async throws {
            try await withFetcher { _ in
                .text(200, "x")
            } _: { fetcher, server, url in
                let name = "m\u{FC}nchen.\(try name(4000, leadingTo: "127.0.0.1", "both", "127.0.0.1"))"
                _ = try await fetch("http://\(name.uppercased()):\(try port(of: url))/", with: fetcher)
                #expect(server.requests.first?.fields["host"]?.hasPrefix("xn--mnchen-3ya.4000.") == true)
            }
        }

        @Test func `goes on to the address that it may connect to`() async throws {
            try await withFetcher { _ in
                .text(200, "x")
            } _: { fetcher, _, url in
                let name = try name(4001, leadingTo: "10.0.0.1", "both", "127.0.0.1")
                #expect(try await fetch("http://\(name):\(try port(of: url))/", with: fetcher) == Array("x".utf8))
            }
        }
    #endif
}
