import FetchBackend
import Jobs
import Synchronization
import TestServers
import Testing

/// Sun, 06 Nov 1994 08:49:37 GMT
private let start = Timestamp(milliseconds: 784_111_777_000)

@Suite struct `Sending a webhook` {
    @Test func `posts the body as it is, signed by each secret`() async throws {
        let body = Array("{\"a\":\"\u{FC}\\u0000\"}\r\n".utf8) + [0, 0xFF]
        let secrets = [
            try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            try WebhookSecret("whsec_QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="),
        ]
        try await withSender(secrets: secrets) { _ in
            .text(200, "ok")
        } _: { sender, server, url in
            let outcome = try await sender.send(body, id: "msg_1", to: try SourceURL("\(url)/a%20b?c=d"))
            #expect(outcome == .delivered)
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.target == "/a%20b?c=d")
            #expect(request.body == body)
            #expect(request.fields["content-type"] == "application/json")
            #expect(request.fields["user-agent"] == "tintype")
            #expect(request.fields["webhook-id"] == "msg_1")
            for secret in secrets {
                try WebhookSignature.verify(request.fields, body: request.body, secrets: [secret], now: start)
            }
        }
    }

    @Test func `keeps the id on every try, and tells the time of each`() async throws {
        let time = Mutex(start)
        try await withScriptedServer { _ in
            .text(500, "")
        } _: { server, url in
            let rules = AddressGuard(allowedPorts: [try port(of: url)], allowedNetworks: ["127.0.0.1"])
            let now: @Sendable () -> Timestamp = { time.withLock(\.self) }
            let sender = GuardedSender(rules, trusted: nil, secrets: [], now: now)
            for _ in 0..<2 {
                _ = try await send(to: url, by: sender)
                time.withLock { $0 = $0 + .seconds(5) }
            }
            #expect(server.requests.map { $0.fields["webhook-id"] } == ["msg_1", "msg_1"])
            #expect(server.requests.map { $0.fields["webhook-timestamp"] } == ["784111777", "784111782"])
        }
    }

    @Test(
        arguments: [
            (.text(200, "ok"), .delivered), (.answer(204), .delivered),
            (.text(410, "gone"), .refused(reason: "the receiver answered 410: it wants no more webhooks")),
            (.text(404, "no"), .failed(reason: "the receiver answered 404", retryAfter: nil)),
            (
                .text(503, "", fields: ["retry-after": "7"]),
                .failed(reason: "the receiver answered 503", retryAfter: .seconds(7))
            ),
            (
                .text(429, "", fields: ["retry-after": "Sun, 06 Nov 1994 09:49:37 GMT"]),
                .failed(reason: "the receiver answered 429", retryAfter: .seconds(3600))
            ),
        ] as [(ScriptedAnswer, WebhookOutcome)])
    func `takes the receiver at its word`(_ answer: ScriptedAnswer, _ outcome: WebhookOutcome) async throws {
        try await withSender { _ in
            answer
        } _: { sender, _, url in
            let found = try await send(to: url, by: sender)
            #expect(found == outcome)
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `follows no redirect, not even to where it may go`(_ status: Int) async throws {
        try await withScriptedServer { _ in
            .text(200, "ok")
        } _: { other, otherURL in
            try await withScriptedServer { _ in
                .text(status, "moved", fields: ["location": otherURL])
            } _: { _, url in
                let ports: Set = [try port(of: url), try port(of: otherURL)]
                let rules = AddressGuard(allowedPorts: ports, allowedNetworks: ["127.0.0.1"])
                let outcome = try await send(to: url, by: GuardedSender(rules, trusted: nil, secrets: []))
                let reason = "the receiver answered \(status): redirects are not followed"
                #expect(outcome == .failed(reason: reason, retryAfter: nil))
            }
            #expect(other.connections == 0)
        }
    }

    @Test func `fails where nobody answers in time`() async throws {
        try await withSender(totalLimit: .milliseconds(300)) { _ in
            .silence
        } _: { sender, _, url in
            let begin = ContinuousClock.now
            let outcome = try await send(to: url, by: sender)
            #expect(outcome == .failed(reason: "the receiver did not answer in time", retryAfter: nil))
            #expect(begin.duration(to: .now) < .seconds(5))
        }
    }

    @Test func `fails where a success comes too late`() async throws {
        try await withScriptedServer { _ in
            .text(200, "ok")
        } _: { _, url in
            try await Relay.with(to: Int(try port(of: url))) { relay in
                // The answer takes 600 ms at least.
                relay.delay = .milliseconds(300)
                let rules = AddressGuard(allowedPorts: [UInt16(relay.port)], allowedNetworks: ["127.0.0.1"])
                let url = "http://127.0.0.1:\(relay.port)"
                let hasty = GuardedSender(rules, trusted: nil, secrets: [], totalLimit: .milliseconds(400))
                let late = try await send(to: url, by: hasty)
                #expect(late == .failed(reason: "the receiver did not answer in time", retryAfter: nil))
                let patient = GuardedSender(rules, trusted: nil, secrets: [])
                let inTime = try await send(to: url, by: patient)
                #expect(inTime == .delivered)
            }
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            .endless(200, piece: 1000, every: .zero), .cutShort(body: [1, 2, 3], announced: 10),
            .endless(200, fields: ["content-length": "5000"], piece: 1, every: .seconds(600)),
        ] as [ScriptedAnswer])
    func `is done with a success, whatever comes after its head`(_ answer: ScriptedAnswer) async throws {
        try await withSender(totalLimit: .seconds(3600)) { _ in
            answer
        } _: { sender, _, url in
            let outcome = try await send(to: url, by: sender)
            #expect(outcome == .delivered)
        }
    }

    @Test func `is done with a success that trickles in until the time is up`() async throws {
        try await withSender(totalLimit: .seconds(1)) { _ in
            .endless(200, piece: 1, every: .milliseconds(20))
        } _: { sender, _, url in
            let outcome = try await send(to: url, by: sender)
            #expect(outcome == .delivered)
        }
    }

    @Test func `keeps the connection where the answer is short`() async throws {
        try await withSender { _ in
            .answer(200, body: [UInt8](repeating: 7, count: 4096))
        } _: { sender, server, url in
            for _ in 0..<3 { _ = try await send(to: url, by: sender) }
            #expect(server.requests.count == 3)
            #expect(server.connections == 1)
        }
    }

    @Test func `fails where the receiver closes at once`() async throws {
        try await withSender { _ in
            .hangUp
        } _: { sender, _, url in
            guard case .failed(let reason, nil) = try await send(to: url, by: sender) else {
                return #expect(Bool(false), "no failure")
            }
            #expect(reason.hasPrefix("sending the webhook failed: "))
        }
    }

    @Test func `says that nobody listens, and does not say where`() async throws {
        let url = try await withScriptedServer { _ in
            .silence
        } _: { _, url in
            url
        }
        let rules = AddressGuard(allowedPorts: [try port(of: url)], allowedNetworks: ["127.0.0.0/8", "::1"])
        let sender = GuardedSender(rules, trusted: nil, secrets: [])
        guard case .failed(let reason, nil) = try await send(to: "http://localhost:\(port(of: url))", by: sender)
        else { return #expect(Bool(false), "no failure") }
        #expect(reason.hasPrefix("the receiver could not be reached: "))
        #expect(!reason.contains("127"))
        #expect(!reason.contains("::1"))
    }

    @Test(.timeLimit(.minutes(1))) func `ends with its task`() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        try await withSender { _ in
            arrive.yield()
            return .silence
        } _: { sender, _, url in
            let task = Task { try await send(to: url, by: sender) }
            for await _ in arrivals { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    // MARK: Where it may go

    @Test(arguments: ["127.0.0.1", "127.1", "2130706433", "localhost", "[::ffff:127.0.0.1]"])
    func `never goes inside, and need not be tried again`(_ host: String) async throws {
        try await withScriptedServer { _ in
            .text(200, "ok")
        } _: { server, url in
            let port = try port(of: url)
            let sender = GuardedSender(AddressGuard(allowedPorts: [port]), trusted: nil, secrets: [])
            let outcome = try await send(to: "http://\(host):\(port)/", by: sender)
            #expect(outcome == forbidden)
            #expect(server.connections == 0)
        }
    }

    @Test func `goes to the operator's own receiver, and nowhere beside it`() async throws {
        let answer: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in .text(200, "ok") }
        try await withScriptedServer(answer) { receiver, url in
            try await withScriptedServer(answer) { neighbour, otherURL in
                let ports: Set = [try port(of: url), try port(of: otherURL)]
                let sender = GuardedSender(
                    AddressGuard(allowedPorts: ports), trusted: try SourceURL("\(url)/hooks?a=b"), secrets: [])
                let outcome = try await send(to: "\(url)/hooks?a=b", by: sender)
                #expect(outcome == .delivered)
                #expect(receiver.connections == 1)
                // Another path, another port, another name for the same place, another scheme.
                let others = [
                    "\(url)/admin", "\(url)/hooks", otherURL, "http://localhost:\(try port(of: url))/hooks?a=b",
                    "\(url)/hooks?a=b".replacing("http", with: "https"),
                ]
                for url in others {
                    let outcome = try await send(to: url, by: sender)
                    #expect(outcome == forbidden)
                }
                #expect(neighbour.connections == 0)
                #expect(receiver.connections == 1)
            }
        }
    }

    @Test(arguments: [
        "169.254.169.254", "169.254.170.2", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
    ])
    func `never asks a metadata service, even for the operator`(_ host: String) async throws {
        let url = "http://\(host)/"
        let sender = GuardedSender(
            AddressGuard(), trusted: try SourceURL(url), secrets: [], totalLimit: .seconds(2))
        let outcome = try await send(to: url, by: sender)
        #expect(outcome == forbidden)
    }

    #if os(Linux)
        @Test func `never goes inside where a name leads there at another try`() async throws {
            let answer: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in .text(500, "") }
            try await withScriptedServer(answer) { inside, url in
                let port = try port(of: url)
                try await withScriptedServer(at: "127.0.0.2", port: Int(port), answer) { outside, _ in
                    let rules = AddressGuard(allowedPorts: [port], allowedNetworks: ["127.0.0.2"])
                    let url = "http://\(try name(4010, leadingTo: "127.0.0.2", "turns", "127.0.0.1")):\(port)/"
                    // A sender remembers a name for a minute; the next try is later.
                    let first = GuardedSender(rules, trusted: nil, secrets: [])
                    let failure = WebhookOutcome.failed(reason: "the receiver answered 500", retryAfter: nil)
                    #expect(try await send(to: url, by: first) == failure)
                    let second = GuardedSender(rules, trusted: nil, secrets: [])
                    #expect(try await send(to: url, by: second) == forbidden)
                    #expect(outside.connections == 1)
                    #expect(inside.connections == 0)
                }
            }
        }

        @Test func `never asks a metadata service that the operator's name leads to`() async throws {
            let url = "http://\(try name(4011, leadingTo: "169.254.169.254", "both", "fd00:ec2::254"))/"
            let sender = GuardedSender(
                AddressGuard(), trusted: try SourceURL(url), secrets: [], totalLimit: .seconds(2))
            let outcome = try await send(to: url, by: sender)
            #expect(outcome == forbidden)
        }
    #endif
}

private let forbidden = WebhookOutcome.refused(
    reason: "the webhook's URL leads to an address or a port that is not allowed")

private func send(to url: String, by sender: GuardedSender) async throws -> WebhookOutcome {
    try await sender.send(Array("{}".utf8), id: "msg_1", to: try SourceURL(url))
}

/// Lends a receiver of this machine, and a sender that may go to it.
private func withSender(
    secrets: [WebhookSecret] = [], totalLimit: Duration = .seconds(15),
    _ script: @escaping @Sendable (HeardRequest) -> ScriptedAnswer,
    _ body: (GuardedSender, ScriptedServer, _ url: String) async throws -> Void
) async throws {
    try await withScriptedServer(script) { server, url in
        let rules = AddressGuard(allowedPorts: [try port(of: url)], allowedNetworks: ["127.0.0.1"])
        let sender = GuardedSender(
            rules, trusted: nil, secrets: secrets, totalLimit: totalLimit, now: { start })
        try await body(sender, server, url)
    }
}
