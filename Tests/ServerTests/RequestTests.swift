import Imaging
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `Any request` {
    @Test func `bears an id, the client's or one of ours`() async throws {
        try await Site.with(working: false) { site async throws in
            #expect(try await site.get("/", ["X-Request-ID": "abc-123"])["x-request-id"] == "abc-123")
            let long = try await site.get("/", ["X-Request-ID": String(repeating: "x", count: 129)])["x-request-id"]
            #expect((1...64).contains(try #require(long).utf8.count))
            let (one, other) = (try await site.get("/")["x-request-id"], try await site.get("/")["x-request-id"])
            #expect(one != nil && one != other)
            let problem = try await site.get("/nothing", ["X-Request-ID": "abc"])
            #expect(problem.json["request_id"] == "abc")
        }
    }

    @Test func `that fails is told why, as RFC 9457 has it`() async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.get("/list?limit=0")
            #expect(reply.status == 422)
            #expect(reply["content-type"] == "application/problem+json")
            #expect(reply.json["type"] == "/docs#invalid_parameter")
            #expect(reply.json["title"] == "A parameter does not fit")
            #expect(reply.json["status"] == 422)
            #expect(reply.json["detail"] == "limit is “0”; it must be a whole number from 1 to 1000")
            #expect(reply.json["code"] == "invalid_parameter" && reply.json["parameter"] == "limit")
        }
    }

    @Test(arguments: [
        ("/list?limit=", "limit is “”; it must be a whole"), ("/jobs?kind=", "kind is “”; it must be one of"),
        ("/list?cursor=", "cursor is “”; it must be the next"), ("/status?ids=", "ids is “”; it must be 1 to 100"),
    ])
    func `that gives nothing for something is told so`(_ target: String, _ detail: String) async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.get(target)
            #expect(reply.status == 422 && reply.json["detail"].text?.hasPrefix(detail) == true, "\(reply.text)")
        }
    }

    @Test(arguments: [
        ("GET", "/nothing", 404, "not_found"), ("GET", "/status/a/b", 404, "not_found"),
        ("PATCH", "/nothing", 404, "not_found"),
        ("POST", "/list", 405, "method_not_allowed"), ("PATCH", "/list", 405, "method_not_allowed"),
        ("GET", "/upload", 405, "method_not_allowed"), ("OPTIONS", "*", 404, "not_found"),
        ("GET", "/status/7", 404, "not_found"), ("GET", "/status/%00", 404, "not_found"),
        ("GET", "/download/00000000-0000-7000-8000-00000000000g", 404, "not_found"),
        ("GET", "/status/00000000-0000-7000-8000-000000000000", 404, "not_found"),
        ("DELETE", "/files/../../etc/passwd", 404, "not_found"), ("DELETE", "/files/x", 404, "not_found"),
        ("GET", "/list?limit=1001", 422, "invalid_parameter"), ("GET", "/list?limit=ten", 422, "invalid_parameter"),
        ("GET", "/list?limit=1&limit=2", 422, "invalid_parameter"),
        ("GET", "/list?cursor=x", 422, "invalid_parameter"), ("GET", "/list?page=2", 422, "unknown_parameter"),
        ("GET", "/jobs?status=lost", 422, "invalid_parameter"), ("GET", "/?x=1", 422, "unknown_parameter"),
        ("GET", "/list?limit=%zz", 400, "malformed_request"), ("GET", "/health/live?%ff=1", 400, "malformed_request"),
        ("GET", "/status/00000000-0000-7000-8000-000000000000?wait=61", 422, "invalid_parameter"),
        ("GET", "/status/00000000-0000-7000-8000-000000000000?wait=-1", 422, "invalid_parameter"),
    ])
    func `that makes no sense gets a clear answer`(
        _ method: String, _ target: String, _ status: Int, _ code: String
    ) async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.ask(method, target)
            #expect(reply.status == status && reply.code == code, "\(reply.status) \(reply.text)")
            #expect(try await site.get("/health/live").status == 200)
        }
    }

    @Test func `with a wrong method is told the right ones`() async throws {
        try await Site.with(working: false) { site async throws in
            #expect(try await site.ask("PUT", "/list")["allow"] == "GET, HEAD")
            #expect(try await site.get("/upload")["allow"] == "POST")
        }
    }

    @Test func `by HEAD gets what GET gets, without the body`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            let batch = try await site.upload(.file("a.csv", Array("url\nhttps://a.example/1.png\n".utf8)))
            let targets = [
                "/", "/health/live", "/list", "/jobs", "/status/\(job)", "/download/\(job)", "/nothing",
                "/status/\(job)/events", "/batches/\(batch.json["batch_id"].text ?? "").csv",
            ]
            for target in targets {
                let got = try await site.get(target)
                try await Wire.open(site.port) { wire async throws in
                    try await wire.send(Site.head("HEAD", target, [:], length: 0))
                    let head = try await wire.reply(bodiless: true)
                    #expect(head.status == got.status, "\(target)")
                    #expect(head["content-type"] == got["content-type"])
                    #expect(head["etag"] == got["etag"])
                    if target.hasPrefix("/download") { #expect(head["content-length"] == got["content-length"]) }
                    // The next answer begins where the head ended.
                    try await wire.send(Site.head("GET", "/health/live", [:], length: 0))
                    #expect(try await wire.reply().text == #"{"status":"live"}"#)
                }
            }
        }
    }

    @Test func `may follow another on its connection, even unasked`() async throws {
        try await Site.with(working: false) { site async throws in
            try await Wire.open(site.port) { wire async throws in
                try await wire.send(
                    (0..<20).map { Site.head("GET", "/", ["X-Request-ID": "n\($0)"], length: 0) }.joined())
                for number in 0..<20 { #expect(try await wire.reply()["x-request-id"] == "n\(number)") }
            }
        }
    }

    @Test func `that is no HTTP gets 400 and the door`() async throws {
        try await Site.with(working: false) { site async throws in
            for nonsense in [
                "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", "GET / HTTP/9.9", "GET /\u{0} HTTP/1.1",
                "BREW / HTTP/1.1\r\nHost: a",
                "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\nHost: b", "GET / HTTP/1.1\r\nHost: a\r\nno colon",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
                "POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0",
                "GET /nothing HTTP/1.1\r\nHost: a b/<>", "GET / HTTP/1.0\r\nHost: a\r\nHost: b",
            ] {
                try await Wire.open(site.port) { wire async throws in
                    try await wire.send(nonsense + "\r\n\r\n")
                    let reply = try await wire.reply()
                    #expect(reply.status == 400 && reply.code == "malformed_request", "\(nonsense): \(reply.status)")
                    #expect(reply["connection"] == "close" && reply["date"] != nil)
                    #expect(reply["x-request-id"] != nil && reply["x-request-id"] == reply.json["request_id"].text)
                    #expect(await wire.isClosed())
                }
            }
        }
    }

    @Test func `with an endless header gets 431 and the door`() async throws {
        try await Site.with(working: false) { site async throws in
            for header in [
                "X-Long: " + String(repeating: "x", count: 40_000),
                (0..<200).map { "X-\($0): y" }.joined(separator: "\r\n"),
            ] {
                try await Wire.open(site.port) { wire async throws in
                    try await wire.send("GET / HTTP/1.1\r\nHost: a\r\n\(header)\r\n\r\n")
                    let reply = try await wire.reply()
                    #expect(reply.status == 431 && reply.code == "header_too_large")
                    #expect(await wire.isClosed())
                }
            }
        }
    }

    @Test func `whose body comes too slowly gets 408 and the door, and leaves nothing`() async throws {
        try await Site.with(working: false) {
            $0.limits.bodyWindow = .milliseconds(50)
        } _: { site async throws in
            let before = try site.keptFiles()
            try await Wire.open(site.port) { wire async throws in
                try await wire.send(
                    Site.head("POST", "/upload", ["Content-Type": Part.contentType], length: 1 << 20))
                try await wire.send(Array(Part.body([.file("a.png", [1, 2, 3])]).prefix(150)))
                let reply = try await wire.reply()
                #expect(reply.status == 408 && reply.code == "request_timeout")
                #expect(reply["connection"] == "close")
            }
            #expect(try site.keptFiles() == before)
        }
    }

    @Test func `whose header does not end gets 408 and the door`() async throws {
        try await Site.with(working: false) {
            $0.limits.headerTime = .seconds(1)
        } _: { site async throws in
            try await Wire.open(site.port) { wire async throws in
                try await wire.send("GET / HTTP/1.1\r\nHost:")
                let reply = try await wire.reply()
                #expect(reply.status == 408 && reply.code == "request_timeout")
                #expect(await wire.isClosed())
            }
        }
    }

    @Test func `that is too large in a field of its own is cut short`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            let reply = try await site.ask(
                "POST", "/process/\(file)", ["Content-Type": "application/json"],
                body: Array(repeating: 0x20, count: 2 << 20))
            #expect(reply.status == 413 && reply.code == "body_too_large")
            #expect(reply["connection"] == "close")
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `The operator's routes` {
    private static let routes = [
        ("GET", "/dead-letters"), ("POST", "/dead-letters/retry"),
        ("POST", "/jobs/00000000-0000-7000-8000-000000000000/retry"),
    ]

    @Test func `answer on this machine, and nobody who was forwarded`() async throws {
        try await Site.with(working: false) { site async throws in
            for (method, target) in Self.routes {
                #expect(try await site.ask(method, target).status != 403)
                for fields in [
                    ["X-Forwarded-For": "10.0.0.1"], ["Forwarded": "for=10.0.0.1"], ["X-Real-IP": "10.0.0.1"],
                    ["Via": "1.1 proxy"],
                    // A page in a browser here, from elsewhere.
                    ["Origin": "https://evil.example"], ["Host": "evil.example:8000"], ["Origin": "null"],
                ] {
                    let reply = try await site.ask(method, target, fields)
                    #expect(reply.status == 403 && reply.code == "forbidden", "\(fields)")
                }
                #expect(try await site.ask(method, target, ["Origin": "http://localhost:8000"]).status != 403)
            }
        }
    }

    @Test func `answer nobody where HOST is open to others and there is no token`() async throws {
        try await Site.with(working: false) {
            $0.host = "0.0.0.0"
        } _: { site async throws in
            for (method, target) in Self.routes { #expect(try await site.ask(method, target).status == 403) }
        }
    }

    @Test func `ask for the token where there is one`() async throws {
        try await Site.with(working: false) {
            $0.adminToken = "s3cret"
        } _: { site async throws in
            for (method, target) in Self.routes {
                for fields in [
                    [:], ["Authorization": "Bearer wrong"], ["Authorization": "Bearer s3cre"],
                    ["Authorization": "Basic s3cret"],
                    ["Authorization": "Bearer"],
                ] {
                    let reply = try await site.ask(method, target, fields)
                    #expect(reply.status == 401 && reply.code == "unauthorized", "\(fields)")
                    #expect(reply["www-authenticate"] == #"Bearer realm="tintype""#)
                }
                let fields = ["Authorization": "bearer s3cret", "X-Forwarded-For": "10.0.0.1"]
                #expect([200, 404].contains(try await site.ask(method, target, fields).status))
            }
        }
    }
}
