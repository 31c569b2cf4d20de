import HTTPClient
import Synchronization
import SystemPackage
import TestServers
import Testing

@Suite struct `An HTTP client` {
    private static let pattern = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7 / 3) }

    @Test func `sends what it is told and gives back what it hears`() async throws {
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { request in
            .text(201, "\(request.method) \(request.target)", fields: ["X-Thing": "one", "x-other": "a:b"])
        }
        try await withScriptedServer(script) { server, url in
            let client = CurlClient()
            let answer = try await client.send(
                CurlRequest(.put, "\(url)/a%2Fb/../c?d=e%20f", fields: ["x-mine": "yes"], body: .bytes([1, 2, 3])))
            #expect(answer.status == 201)
            #expect(answer.fields["x-thing"] == "one")
            #expect(answer.fields["x-other"] == "a:b")
            #expect(String(decoding: answer.body, as: UTF8.self) == "PUT /a%2Fb/../c?d=e%20f")
            let heard = try #require(server.requests.first)
            #expect(heard.body == [1, 2, 3])
            #expect(heard.fields["x-mine"] == "yes")
            #expect(heard.fields["content-length"] == "3")
            #expect(heard.fields["user-agent"] == "tintype")
        }
    }

    @Test(arguments: [CurlRequest.Method.get, .head, .put, .post, .delete])
    func `knows the methods, with and without a body`(_ method: CurlRequest.Method) async throws {
        try await withScriptedServer { _ in
            .text(200, "hello")
        } _: { server, url in
            let client = CurlClient()
            let answer = try await client.send(CurlRequest(method, url))
            #expect(answer.body == (method == .head ? [] : Array("hello".utf8)))
            #expect(answer.fields["content-length"] == "5")
            #expect(server.requests.map(\.method) == [method.rawValue])
        }
    }

    @Test func `streams a part of a file out, and an answer into a file`() async throws {
        try await withScriptedServer {
            .answer(200, body: $0.body)
        } _: { server, url in
            let client = CurlClient()
            try await withTemporaryFile(Self.pattern) { source in
                try await withTemporaryFile { target in
                    let answer = try await client.send(
                        CurlRequest(
                            .put, url, body: .file(source, 1_000..<2_900_000),
                            destination: .file(target, limit: 3_000_000)))
                    #expect(answer.byteCount == 2_899_000)
                    #expect(answer.body.isEmpty)
                    #expect(try bytes(of: target) == Array(Self.pattern[1_000..<2_900_000]))
                }
            }
        }
    }

    @Test func `keeps an error out of the file, and makes an empty file of an empty answer`() async throws {
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = {
            $0.target == "/none" ? .text(404, "no") : .text(200, "")
        }
        try await withScriptedServer(script) { _, url in
            let client = CurlClient()
            try await withTemporaryFile { target in
                let missing = try await client.send(
                    CurlRequest(.get, "\(url)/none", destination: .file(target, limit: 10)))
                #expect(missing.body == Array("no".utf8))
                #expect(throws: (any Error).self) { try bytes(of: target) }
                _ = try await client.send(CurlRequest(.get, url, destination: .file(target, limit: 10)))
                #expect(try bytes(of: target) == [])
            }
        }
    }

    @Test func `takes no more than the limit, in memory or in a file`() async throws {
        try await withScriptedServer { _ in
            .answer(200, body: [UInt8](repeating: 1, count: 100_001))
        } _: { _, url in
            let client = CurlClient()
            await #expect(throws: CurlError.tooLarge(limit: 100_000)) {
                _ = try await client.send(CurlRequest(.get, url, destination: .memory(limit: 100_000)))
            }
            try await withTemporaryFile { target in
                await #expect(throws: CurlError.tooLarge(limit: 100_000)) {
                    _ = try await client.send(CurlRequest(.get, url, destination: .file(target, limit: 100_000)))
                }
            }
            let whole = try await client.send(CurlRequest(.get, url, destination: .memory(limit: 100_001)))
            #expect(whole.byteCount == 100_001)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `does not begin a body that is announced too long`() async throws {
        try await withScriptedServer { _ in
            .endless(200, fields: ["content-length": "100001"], piece: 1, every: .seconds(600))
        } _: { _, url in
            await #expect(throws: CurlError.tooLarge(limit: 100_000)) {
                _ = try await CurlClient().send(
                    CurlRequest(.get, url, destination: .memory(limit: 100_000), idleLimit: .seconds(600)))
            }
            // That is no matter where there will be no body.
            let head = try await CurlClient().send(CurlRequest(.head, url, destination: .memory(limit: 0)))
            #expect(head.fields["content-length"] == "100001")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `ends with the head of an error, where its body is not wanted`() async throws {
        try await withScriptedServer { _ in
            .endless(404, piece: 1, every: .milliseconds(10))
        } _: { _, url in
            var request = CurlRequest(.get, url, idleLimit: .seconds(600))
            request.otherBodyLimit = 0
            let answer = try await CurlClient().send(request)
            #expect(answer.status == 404)
            #expect(answer.body.isEmpty)
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            .endless(404, piece: 1000, every: .zero), .endless(200, piece: 1, every: .seconds(600)),
            .cutShort(body: [1], announced: 2),
        ] as [ScriptedAnswer])
    func `takes the head for the answer, where the body goes nowhere`(_ answer: ScriptedAnswer) async throws {
        try await withScriptedServer { _ in
            answer
        } _: { _, url in
            let request = CurlRequest(
                .get, url, destination: .nowhere(limit: 4096), idleLimit: .milliseconds(300), leastSpeed: 0)
            let head = try await CurlClient().send(request)
            #expect([200, 404].contains(head.status))
            #expect(head.body.isEmpty)
        }
    }

    @Test func `uses a connection again`() async throws {
        try await withScriptedServer { _ in
            .text(200, "x")
        } _: { server, url in
            let client = CurlClient()
            for _ in 0..<10 { _ = try await client.send(CurlRequest(.get, url)) }
            #expect(server.connections == 1)
            // Another client has connections of its own.
            _ = try await CurlClient().send(CurlRequest(.get, url))
            #expect(server.connections == 2)
        }
    }

    @Test func `answers many tasks at once, each with its own`() async throws {
        try await withScriptedServer {
            .text(200, $0.target)
        } _: { server, url in
            var profile = CurlProfile()
            profile.concurrency = 4
            profile.waitingTime = .seconds(30)
            let client = CurlClient(profile)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let answer = try await client.send(
                            CurlRequest(.get, "\(url)/\(number)", idleLimit: .seconds(30)))
                        #expect(answer.body == Array("/\(number)".utf8))
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.connections <= 4)
        }
    }

    @Test func `returns a redirect instead of following it`() async throws {
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in .text(302, "", fields: ["location": "/there"]) }
        try await withScriptedServer(script) { server, url in
            let answer = try await CurlClient().send(CurlRequest(.get, url))
            #expect(answer.status == 302)
            #expect(answer.fields["location"] == "/there")
            #expect(server.requests.count == 1)
        }
    }
}
