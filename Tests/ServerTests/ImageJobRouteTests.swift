import Imaging
import Jobs
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `A picture by its URL` {
    private static let url = "https://pictures.example/cats/one.png?size=2"
    private static let served = PlayedFetcher(answers: [url: .success(Pictures.png(width: 8, height: 6))])

    private static func body(_ url: String = url, _ transformations: String = #"["resize:4x3","grayscale"]"#) -> String
    {
        #"{"imageUrl":"\#(url)","transformations":\#(transformations)}"#
    }

    @Test func `is developed, and the job says where the result is`() async throws {
        try await Site.with(fetching: Self.served) { site async throws in
            let reply = try await site.post(
                "/api/v1/images/process", json: Self.body(), ["Prefer": "wait=50", "Host": "img.example"])
            #expect(reply.status == 200, "\(reply.text)")
            let id = try #require(reply.json["jobId"].text)
            let status = try await site.get("/api/v1/images/jobs/\(id)")
            for body in [reply.json, status.json] {
                #expect(body["status"] == "COMPLETED" && body["errorMessage"] == .null)
                #expect(body["resultUrl"].text == "http://img.example/download/\(id)")
            }
            let result = try await site.get("/status/\(id)").json
            #expect(result["source_url"].text == Self.url && result["file_id"] == .null)
            #expect(result["result"]["width"] == 4 && result["result"]["height"] == 3)
            let picture = try await site.get("/download/\(id)")
            #expect(picture.status == 200 && picture["content-type"] == "image/png")
        }
    }

    @Test func `is pending until somebody works on it, with nulls where there is nothing yet`() async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.post("/api/v1/images/process", json: Self.body())
            #expect(reply.status == 202 && reply.json["jobId"].text != nil)
            let path = "/api/v1/images/jobs/\(reply.json["jobId"].text ?? "")"
            let pending = try await site.get(path).json
            #expect(pending["status"] == "PENDING")
            #expect(pending["resultUrl"] == .null && pending["errorMessage"] == .null)
            _ = try await site.ask("DELETE", "/jobs/\(reply.json["jobId"].text ?? "")")
            let canceled = try await site.get(path).json
            #expect(canceled["status"] == "FAILED" && canceled["errorMessage"] == "canceled")
        }
    }

    @Test func `that is not there fails with the status that came`() async throws {
        try await Site.with { site async throws in
            let reply = try await site.post("/api/v1/images/process", json: Self.body(), ["Prefer": "wait=50"])
            #expect(reply.status == 200 && reply.json["status"] == "FAILED", "\(reply.text)")
            #expect(reply.json["errorMessage"].text?.contains("404") == true && reply.json["resultUrl"] == .null)
        }
    }

    @Test func `that is no picture fails, and is not tried again`() async throws {
        let page = PlayedFetcher(answers: [Self.url: .success(Array("<html><body>sign in</body></html>".utf8))])
        try await Site.with(fetching: page) { site async throws in
            let reply = try await site.post("/api/v1/images/process", json: Self.body(), ["Prefer": "wait=50"])
            #expect(reply.json["status"] == "FAILED", "\(reply.text)")
            #expect(reply.json["errorMessage"].text?.contains("no picture") == true)
            let error = try await site.get("/status/\(reply.json["jobId"].text ?? "")").json["error"]
            #expect(error["code"] == "undecodable_image" && error["retryable"] == false)
        }
    }

    @Test(arguments: [
        ("ftp://pictures.example/a.png", "forbidden_url"), ("file:///etc/passwd", "forbidden_url"),
        ("/a.png", "forbidden_url"), ("https://user:secret@pictures.example/a.png", "forbidden_url"),
        ("http://127.0.0.1/a.png", "forbidden_url"), ("http://2130706433/a.png", "forbidden_url"),
        ("http://[::ffff:169.254.169.254]/", "forbidden_url"), ("https://pictures.example:22/", "forbidden_url"),
        ("https://pictures.example/\(String(repeating: "a", count: 8192))", "invalid_parameter"),
        ("https:///a.png", "invalid_parameter"),
    ])
    func `at a place that may not be asked is refused at once`(_ url: String, _ code: String) async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.post("/api/v1/images/process", json: Self.body(url))
            #expect(reply.status == 422 && reply.code == code, "\(reply.text)")
            #expect(reply.json["parameter"] == "imageUrl")
            #expect(try await site.get("/jobs").json["jobs"].count == 0)
        }
    }

    @Test(arguments: [
        (#"{"transformations":[]}"#, "missing_parameter"), (#"{"imageUrl":7}"#, "invalid_parameter"),
        (#"{"imageUrl":"https://a.example/","transformations":"resize:4x3:5"}"#, "invalid_parameter"),
        (#"{"imageUrl":"https://a.example/","transformations":["fly"]}"#, "unknown_operation"),
        (#"{"imageUrl":"https://a.example/","transformation":[]}"#, "unknown_parameter"),
    ])
    func `in a body that makes no sense is refused`(_ body: String, _ code: String) async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.post("/api/v1/images/process", json: body)
            #expect(reply.status == 422 && reply.code == code, "\(reply.text)")
        }
    }

    @Test func `asked for twice with one key is one job`() async throws {
        try await Site.with(working: false) { site async throws in
            let key = ["Idempotency-Key": "k"]
            let first = try await site.post("/api/v1/images/process", json: Self.body(), key)
            let second = try await site.post("/api/v1/images/process", json: Self.body(), key)
            #expect(second.json["jobId"] == first.json["jobId"] && second["idempotency-replayed"] == "true")
            let other = try await site.post("/api/v1/images/process", json: Self.body(Self.url, "[]"), key)
            #expect(other.status == 422 && other.code == "idempotency_key_reused")
        }
    }
}
