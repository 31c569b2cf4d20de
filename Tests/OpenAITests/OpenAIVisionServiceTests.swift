import FoundationEssentials
import Jobs
import OpenAIBackend
import Synchronization
import TestServers
import Testing

@Suite struct `The vision service` {
    private static let key = "sk-proj-4Qd8Kq0fZs7vX2mN"

    // What OpenAI's documentation shows of a chat completion, with what is not read left in.
    private static let answer = """
        {"id":"chatcmpl-123","object":"chat.completion","created":1677652288,"model":"gpt-4o-mini-2024-07-18",
        "choices":[{"index":0,"message":{"role":"assistant","content":" A cat on a wall.\\n","refusal":null},
        "logprobs":null,"finish_reason":"stop"}],
        "usage":{"prompt_tokens":1117,"completion_tokens":6,"total_tokens":1123,
        "prompt_tokens_details":{"cached_tokens":0}},"system_fingerprint":"fp_1"}
        """

    // MARK: The request

    @Test func `is asked as its API says`() async throws {
        let answer = try await withService { _ in
            .text(200, Self.answer)
        } _: { server, service in
            let answer = try await service.describe(jpeg: [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10])
            let request = try #require(server.requests.first)
            #expect(server.requests.count == 1)
            #expect(request.method == "POST")
            #expect(request.target == "/v1/chat/completions")
            #expect(request.fields["authorization"] == "Bearer \(Self.key)")
            #expect(request.fields["content-type"] == "application/json")
            #expect(
                String(decoding: request.body, as: UTF8.self) == """
                    {"max_tokens":300,"messages":[{"content":[{"text":"What \\"is\\" this?","type":"text"},\
                    {"image_url":{"url":"data:image/jpeg;base64,/9j/4AAQ"},"type":"image_url"}],"role":"user"}],\
                    "model":"gpt-4o-mini"}
                    """)
            return answer
        }
        #expect(
            answer
                == VisionAnswer(
                    text: "A cat on a wall.", model: "gpt-4o-mini-2024-07-18",
                    usage: VisionUsage(promptTokens: 1117, completionTokens: 6, totalTokens: 1123)))
    }

    @Test func `is sent every byte of a large picture`() async throws {
        let jpeg = (0..<1_500_001).map { UInt8(truncatingIfNeeded: $0 &* 7 / 3) }
        try await withService { _ in
            .text(200, Self.answer)
        } _: { server, service in
            _ = try await service.describe(jpeg: jpeg)
            let text = String(decoding: try #require(server.requests.first).body, as: UTF8.self)
            let url = try #require(text.split(separator: "base64,").last?.split(separator: "\"").first)
            #expect(Data(base64Encoded: String(url)).map { [UInt8]($0) } == jpeg)
        }
    }

    @Test func `is asked once more, and from then on, with the newer name of the limit where it wants that`()
        async throws
    {
        // What OpenAI answers for a reasoning model.
        let refusal = """
            {"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use \
            'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens",\
            "code":"unsupported_parameter"}}
            """
        try await withService { request in
            String(decoding: request.body, as: UTF8.self).contains(#""max_tokens""#)
                ? .text(400, refusal) : .text(200, Self.answer)
        } _: { server, service in
            #expect(try await service.describe(jpeg: [1]).text == "A cat on a wall.")
            #expect(server.requests.count == 2)
            #expect(
                String(decoding: server.requests[1].body, as: UTF8.self).hasPrefix(#"{"max_completion_tokens":300,"#))
            _ = try await service.describe(jpeg: [1])
            #expect(server.requests.count == 3)
        }
    }

    // MARK: Answers

    @Test(arguments: [
        (#"{"choices":[{"message":{"content":"A cat."}}]}"#, nil),
        (#"{"choices":[{"message":{"content":[{"type":"text","text":"A "},{"type":"x"},{"text":"cat."}]}}]}"#, nil),
        (#"{"choices":[{"message":{"content":"A cat.","refusal":""},"finish_reason":"length"}],"usage":null}"#, nil),
        (#"{"choices":[{"message":{"content":"A cat."}}],"usage":{"prompt_tokens":"7","completion_tokens":1}}"#, nil),
        (
            #"{"choices":[{"message":{"content":"A cat."}}],"usage":{"prompt_tokens":7,"completion_tokens":2}}"#,
            VisionUsage(promptTokens: 7, completionTokens: 2, totalTokens: 9)
        ),
    ])
    func `is understood where it says less or otherwise`(_ body: String, _ usage: VisionUsage?) async throws {
        let answer = try await answer(to: 200, body)
        #expect(answer == VisionAnswer(text: "A cat.", model: "gpt-4o-mini", usage: usage))
    }

    @Test(arguments: [
        #"{"choices":[{"message":{"content":null,"refusal":"I'm sorry, I can't."},"finish_reason":"stop"}]}"#,
        #"{"choices":[{"message":{"content":[{"type":"refusal","refusal":"No."}]}}]}"#,
        #"{"choices":[{"message":{"content":"A c"},"finish_reason":"content_filter"}]}"#,
        #"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#,
    ])
    func `may decline`(_ body: String) async {
        await #expect {
            try await answer(to: 200, body)
        } throws: { error in
            guard case VisionError.declined = error else { return false }
            return (error as? VisionError)?.isRetryable == false
        }
    }

    @Test(arguments: [
        (#"{"choices":[{"message":{"content":""},"finish_reason":"length"}]}"#, "its 300 tokens"),
        (#"{"choices":[{"message":{"content":" \n"},"finish_reason":"stop"}]}"#, "wrote nothing"),
        (#"{"choices":[{"message":{"role":"assistant"}}]}"#, "wrote nothing"),
    ])
    func `may have nothing to say, and the error says why`(_ body: String, _ reason: String) async {
        await #expect {
            try await answer(to: 200, body)
        } throws: { error in
            guard case VisionError.empty(let message) = error else { return false }
            return message.contains(reason)
        }
    }

    @Test(arguments: [
        "", "<html>Welcome</html>", "[]", "{}", #"{"choices":[]}"#, #"{"choices":[{"text":"A cat."}]}"#,
        #"{"choices":"none"}"#, #"{"choices":[{"message"#, String(repeating: "[", count: 5000),
    ])
    func `is told from something else`(_ body: String) async {
        await #expect {
            try await answer(to: 200, body)
        } throws: { error in
            guard case VisionError.unreadable(let message) = error else { return false }
            return message.contains("base URL")
        }
    }

    @Test func `is not listened to for ever`() async {
        let endless = #"{"choices":[{"message":{"content":""# + String(repeating: "x", count: 1 << 20) + #""}}]}"#
        await #expect(
            throws: VisionError.rejected(
                message: "asking the vision service failed: The answer is longer than 1048576 bytes")
        ) { try await answer(to: 200, endless) }
    }

    // MARK: Refusals

    @Test(arguments: [401, 403]) func `may refuse the key, which no error repeats`(_ status: Int) async {
        let body = #"{"error":{"message":"Incorrect API key provided: \#(Self.key).","code":"invalid_api_key"}}"#
        await #expect {
            try await answer(to: status, body)
        } throws: { error in
            guard let error = error as? VisionError, case .keyRefused = error else { return false }
            return !error.isRetryable && error.message.contains("refuses the key") && !"\(error)".contains("sk-")
        }
    }

    @Test(arguments: [
        (400, #"{"error":{"message":"Invalid image.","type":"invalid_request_error"}}"#, ": Invalid image."),
        (
            404, #"{"error":"model \"eye\" not found, try pulling it first"}"#,
            #": model "eye" not found, try pulling it first"#
        ),
        (422, #"{"detail":"Extra inputs\n are not\u0000permitted"}"#, ": Extra inputs are not permitted"),
        (400, #"{"object":"error","message":"too long"}"#, ": too long"), (418, "<html>teapot</html>", ""),
        (413, "", ""),
    ])
    func `may refuse the request for good, in its own words`(_ status: Int, _ body: String, _ words: String) async {
        await #expect(throws: VisionError.rejected(message: "the vision service answered \(status)\(words)")) {
            try await answer(to: status, body)
        }
    }

    @Test func `is cut short and has the key taken out where it quotes it`() async {
        let text = "Got \(Self.key) and " + String(repeating: "é", count: 5000)
        await #expect {
            try await answer(to: 400, #"{"error":{"message":"\#(text)"}}"#)
        } throws: { error in
            let message = (error as? VisionError)?.message ?? ""
            return message.hasPrefix("the vision service answered 400: Got (key) and éé") && message.hasSuffix("é…")
                && message.count < 250
        }
    }

    @Test func `is not followed elsewhere, with the key`() async throws {
        try await withService { _ in
            .text(308, "", fields: ["location": "/elsewhere"])
        } _: { server, service in
            await #expect {
                try await service.describe(jpeg: [1])
            } throws: { error in
                guard case VisionError.rejected(let message) = error else { return false }
                return message.contains("308, a redirect")
            }
            #expect(server.requests.count == 1)
        }
    }

    // MARK: Trouble that passes

    @Test(arguments: [408, 429, 500, 502, 503, 529]) func `may be asked later, once a job`(_ status: Int) async throws {
        try await withService { _ in
            .text(status, #"{"error":{"message":"Rate limit reached"}}"#)
        } _: { server, service in
            let expected = VisionError.unavailable(
                message: "the vision service answered \(status): Rate limit reached")
            await #expect(throws: expected) { try await service.describe(jpeg: [1]) }
            #expect(expected.isRetryable)
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [
        (["retry-after": "20"], 20_000), (["retry-after-ms": "1250", "retry-after": "2"], 1250),
        (["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT"], 30_000), (["retry-after": "86400"], 3_600_000),
    ])
    func `may say when`(_ fields: [String: String], _ milliseconds: Int) async throws {
        await #expect {
            try await answer(to: 429, "", fields)
        } throws: { error in
            (error as? VisionError)?.retryAfter == .milliseconds(milliseconds)
        }
    }

    @Test func `may give no answer in time`() async throws {
        let start = ContinuousClock.now
        await #expect {
            try await withService(timeout: .milliseconds(200)) { _ in
                .silence
            } _: { _, service in
                try await service.describe(jpeg: [1])
            }
        } throws: { error in
            guard case VisionError.unavailable(let message, nil) = error else { return false }
            return message.contains("asking the vision service failed") && !message.contains("127.0.0.1")
        }
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test(arguments: [ScriptedAnswer.hangUp, .cutShort(body: Array("{".utf8), announced: 10)])
    func `may break off`(_ answer: ScriptedAnswer) async throws {
        await #expect {
            try await withService { _ in
                answer
            } _: { _, service in
                try await service.describe(jpeg: [1])
            }
        } throws: { error in
            (error as? VisionError)?.isRetryable == true
        }
    }

    @Test func `is not asked with a key that is none`() async throws {
        await #expect {
            try await withService(key: "sk-two\nlines") { _ in
                .text(200, Self.answer)
            } _: { _, service in
                try await service.describe(jpeg: [1])
            }
        } throws: { error in
            guard let error = error as? VisionError, case .rejected = error else { return false }
            return !"\(error)".contains("sk-two")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `is left at once when the task is cancelled`() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        try await withService { _ in
            arrive.yield()
            return .silence
        } _: { _, service in
            let task = Task { try await service.describe(jpeg: [1]) }
            for await _ in arrivals { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }
}

extension `The vision service` {
    private func answer(
        to status: Int, _ body: String, _ fields: [String: String] = [:]
    ) async throws -> VisionAnswer {
        try await withService { _ in
            .text(status, body, fields: fields)
        } _: { _, service in
            try await service.describe(jpeg: [1])
        }
    }

    /// Lends a service that asks a server on this host, on Sun, 06 Nov 1994 at 08:49:37.
    private func withService<R>(
        key: String = key, timeout: Duration = .seconds(30),
        _ script: @escaping @Sendable (HeardRequest) -> ScriptedAnswer,
        _ body: (ScriptedServer, OpenAIVisionService) async throws -> R
    ) async throws -> R {
        try await withScriptedServer(script) { server, url in
            var settings = OpenAISettings(key: key)
            settings.address = try #require(OpenAIAddress("\(url)/v1/"))
            settings.prompt = #"What "is" this?"#
            settings.timeout = timeout
            return try await body(
                server, OpenAIVisionService(settings) { Timestamp(milliseconds: 784_111_777_000) })
        }
    }
}
