import FetchBackend
import Jobs
import TestServers
import Testing

// 127.0.0.2 and .3 stand for the public here: macOS has no such addresses, nor can a name be led astray there.
#if os(Linux)
    @Suite struct `A URL that leads inside` {
        @Test(arguments: Hostile.all)
        func `is refused before any connection`(_ hostile: Hostile) async throws {
            try await expectNoConnection { stage in
                await stage.expectRefusal(of: "http://\(hostile.spelling):\(stage.trap)/a.png")
                #expect(stage.requestCount == 0)
            }
        }

        @Test(arguments: Hostile.all)
        func `is refused when a redirect names it`(_ hostile: Hostile) async throws {
            try await expectNoConnection(redirect: "//\(hostile.spelling):PORT/a.png") { stage in
                await stage.expectRefusal(of: "http://127.0.0.2:\(stage.front)/")
                #expect(stage.requestCount == 1)
            }
        }

        @Test(arguments: Hostile.addresses)
        func `is refused when a name leads there, after another address`(_ hostile: Hostile) async throws {
            let address = try #require(hostile.address)
            try await expectNoConnection { stage in
                // Nobody ever listens at the first address.
                let name = try name(hostile.number, leadingTo: "127.0.0.3", "both", address)
                await stage.expectRefusal(of: "http://\(name):\(stage.trap)/a.png", orNoAnswer: true)
            }
        }

        @Test(arguments: Hostile.addresses)
        func `is refused when a name leads there the second time`(_ hostile: Hostile) async throws {
            let address = try #require(hostile.address)
            let name = try name(hostile.number, leadingTo: "127.0.0.2", "turns", address)
            try await expectNoConnection(redirect: "//\(name):PORT/a.png") { stage in
                await stage.expectRefusal(of: "http://\(name):\(stage.front)/")
                #expect(stage.requestCount == 1)
            }
        }
    }

    /// What a fetch of one of those finds.
    private struct Stage {
        let fetcher: GuardedFetcher
        /// Redirects, at the one address that is allowed.
        let frontServer: ScriptedServer
        let front: UInt16
        /// The port at which 127.0.0.1 and ::1 listen; the ports are allowed.
        let trap: UInt16

        var requestCount: Int { frontServer.requests.count }

        /// - Parameter orNoAnswer: whether one of the name's addresses is allowed, at which nobody answers.
        func expectRefusal(
            of url: String, orNoAnswer: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
        ) async {
            await #expect(sourceLocation: sourceLocation) {
                _ = try await fetch(url, with: fetcher)
            } throws: { error in
                switch error {
                case FetchError.forbidden, FetchError.unusable, SourceURLError.host: true
                case FetchError.unreachable: orNoAnswer
                default: false
                }
            }
        }
    }

    /// - Parameter redirect: where the front leads; `PORT` is that of the trap.
    private func expectNoConnection(redirect: String = "", _ body: (Stage) async throws -> Void) async throws {
        let silence: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in .silence }
        try await withScriptedServer(silence) { trap4, url in
            let port = try port(of: url)
            try await withScriptedServer(at: "::1", port: Int(port), silence) { trap6, _ in
                let location = redirect.replacing("PORT", with: "\(port)")
                try await withScriptedServer(at: "127.0.0.2") { _ in
                    .text(302, "", fields: ["location": location])
                } _: { server, url in
                    let front = try FetchTests.port(of: url)
                    // Another address may have the same port, but the name would then not be looked up a second time.
                    guard front != port else { return try await expectNoConnection(redirect: redirect, body) }
                    let rules = AddressGuard(allowedPorts: [port, front], allowedNetworks: ["127.0.0.2/31"])
                    let stage = Stage(
                        fetcher: GuardedFetcher(rules, totalLimit: .seconds(20)), frontServer: server,
                        front: front, trap: port)
                    try await body(stage)
                }
                #expect(trap6.connections == 0)
            }
            #expect(trap4.connections == 0)
        }
    }
#endif
