import Imaging
import Synchronization
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `A plan` {
    @Test func `that is JSON and is called a form is told so`() async throws {
        try await Site.with(working: false) { site in
            let reply = try await site.ask(
                "POST", "/process/\(site.uploadedPicture())",
                ["Content-Type": "application/x-www-form-urlencoded"], body: Array(#" {"operation":"flip"}"#.utf8))
            #expect(reply.status == 415 && reply.text.contains("application/json"))
        }
    }

    @Test func `means the same in all its shapes`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            let form = "operation=resize&width=4&height=3&format=png"
            let multipart = Part.body([
                .field("operation", "resize"), .field("width", "4"), .field("height", "3"), .field("format", "png"),
            ])
            let replies = [
                try await site.post(
                    "/process/\(file)", json: #"{"operation":"resize","width":4,"height":3,"format":"png"}"#),
                try await site.post(
                    "/process/\(file)",
                    json:
                        #"{"operations":[{"type":"resize","width":4,"height":3,"fit":"fill"}],"output":{"format":"png"}}"#
                ),
                try await site.post("/process/\(file)/", json: #"{"transformations":["resize:4x3"],"format":"png"}"#),
                try await site.ask("POST", "/process/\(file)?\(form)"),
                try await site.ask("POST", "/process/\(file)?transformations=resize:4x3&format=png"),
                try await site.ask(
                    "POST", "/process/\(file)", ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
                    body: Array(form.utf8)),
                try await site.ask(
                    "POST", "/process/\(file)", ["Content-Type": Part.contentType], body: multipart),
            ]
            var plans: Set<JSONValue> = []
            for reply in replies {
                #expect(reply.status == 202, "\(reply.text)")
                let id = try #require(reply.json["job_id"].text)
                plans.insert(try await site.get("/status/\(id)").json["operations"])
            }
            #expect(plans.count == 1)
            #expect(plans.first?[0]["type"] == "resize" && plans.first?[0]["fit"] == "fill")
        }
    }

    @Test func `is accepted with the job's addresses`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            let reply = try await site.post(
                "/process/\(file)", json: #"{"operation":"grayscale"}"#, ["Host": "pictures.example:8080"])
            let id = try #require(reply.json["processing_id"].text)
            #expect(reply.status == 202 && reply["location"] == "/status/\(id)")
            #expect(reply.json["job_id"].text == id && reply.json["file_id"].text == file)
            #expect(reply.json["status"] == "queued")
            #expect(reply.json["status_url"].text == "http://pictures.example:8080/status/\(id)")
            #expect(reply.json["download_url"].text == "http://pictures.example:8080/download/\(id)")
        }
    }

    @Test func `gets addresses under the public URL where one is set`() async throws {
        try await Site.with(working: false) {
            $0.publicURL = "https://img.example"
        } _: { site async throws in
            let reply = try await site.post("/process/\(site.uploadedPicture())", json: #"{"operation":"grayscale"}"#)
            #expect(reply.json["status_url"].text?.hasPrefix("https://img.example/status/") == true)
        }
    }

    @Test(arguments: [
        ("", 422, "missing_plan"), ("{}", 422, "missing_plan"), (#"{"format":"webp"}"#, 422, "missing_plan"),
        (#"{"operation":"flip","background":"transparent"}"#, 422, "invalid_parameter"),
        ("[]", 422, "invalid_parameter"),
        ("{", 400, "malformed_json"),
        (#"{"operation":"resize","width":NaN}"#, 400, "malformed_json"),
        (#"{"operation":"resize","width":0}"#, 422, "invalid_parameter"),
        (#"{"operation":"resize","width":-5}"#, 422, "invalid_parameter"),
        (#"{"operation":"resize","width":1e400}"#, 400, "malformed_json"),
        (#"{"operation":"resize","width":"wide"}"#, 422, "invalid_parameter"),
        (#"{"operation":"resize","width":null}"#, 422, "missing_parameter"),
        (#"{"operation":"resize","width":4,"depth":2}"#, 422, "unknown_parameter"),
        (#"{"operation":"explode"}"#, 422, "unknown_operation"), (#"{"operation":7}"#, 422, "invalid_parameter"),
        (#"{"operation":"grayscale","operations":[{"type":"grayscale"}]}"#, 422, "ambiguous_plan"),
        (#"{"operations":{"type":"grayscale"}}"#, 422, "invalid_parameter"),
        (#"{"transformations":["resize:4x3x2"]}"#, 422, "invalid_parameter"),
        (#"{"operation":"grayscale","quality":101}"#, 422, "invalid_parameter"),
        (#"{"operation":"grayscale","format":"exe"}"#, 422, "invalid_parameter"),
        (#"{"operation":"resize","width":16383,"height":16383}"#, 422, "impossible_plan"),
    ])
    func `that makes no sense is refused`(_ body: String, _ status: Int, _ code: String) async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.post("/process/\(site.uploadedPicture())", json: body)
            #expect(reply.status == status && reply.code == code, "\(reply.status) \(reply.text)")
            #expect(try await site.get("/jobs").json["jobs"] == [])
        }
    }

    @Test func `whose result only the picture decides is judged by what it comes to`() async throws {
        try await Site.with { site async throws in
            // A ramp has no border.
            let file = try await site.uploadedPicture(width: 17_000, height: 3)
            let reply = try await site.post("/process/\(file)", json: #"{"operation":"trim"}"#, ["Prefer": "wait=50"])
            #expect(reply.json["error"]["code"] == "too_many_pixels", "\(reply.text)")
        }
    }

    @Test func `may name the background that there is without one`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            for plan in [
                #"{"operation":"pad","top":2,"background":"transparent"}"#,
                #"{"transformations":["extend:20x20:background=transparent"]}"#,
            ] { #expect(try await site.post("/process/\(file)", json: plan).status == 202) }
        }
    }

    @Test func `nested without end is refused, and the service lives`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            // A body within its limit, which takes many seconds where each level costs as much as all below it.
            for depth in [16, 400, 5000, 20_000] {
                let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                let reply = try await site.post("/process/\(file)", json: #"{"operations":\#(nested)}"#)
                #expect(reply.status == 400 && reply.code == "malformed_json", "\(depth): \(reply.text)")
            }
            #expect(try await site.get("/health/live").status == 200)
        }
    }

    @Test func `may be given once only`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            let both = try await site.post("/process/\(file)?operation=grayscale", json: #"{"operation":"grayscale"}"#)
            #expect(both.status == 422 && both.code == "ambiguous_plan")
            let twice = try await site.ask("POST", "/process/\(file)?operation=grayscale&operation=invert")
            #expect(twice.status == 422 && twice.json["parameter"] == "operation")
        }
    }

    @Test func `of a strange type, or with a file in it, is refused`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            let xml = try await site.ask(
                "POST", "/process/\(file)", ["Content-Type": "text/xml"], body: Array("<plan/>".utf8))
            #expect(xml.status == 415 && xml.code == "unsupported_media_type")
            let withFile = try await site.ask(
                "POST", "/process/\(file)", ["Content-Type": Part.contentType],
                body: Part.body([.file("a.png", [1], field: "operation")]))
            #expect(withFile.status == 422 && withFile.code == "unknown_parameter")
        }
    }

    @Test func `for a file that is not there is not found`() async throws {
        try await Site.with(working: false) { site async throws in
            for id in ["x", "00000000-0000-7000-8000-000000000000"] {
                #expect(try await site.post("/process/\(id)", json: #"{"operation":"grayscale"}"#).status == 404)
            }
        }
    }

    @Test func `under one idempotency key makes one job`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            func post(_ plan: String, _ key: String) async throws -> Reply {
                try await site.post("/process/\(file)", json: plan, ["Idempotency-Key": key])
            }
            let first = try await post(#"{"operation":"resize","width":4}"#, "k1")
            #expect(first.status == 202 && first["idempotency-replayed"] == nil)
            // Another spelling of the same plan, and of the key.
            let again = try await post(#"{ "width": 4, "operation": "resize" }"#, #""k1""#)
            #expect(again.status == 202 && again.json["job_id"] == first.json["job_id"])
            #expect(again["idempotency-replayed"] == "true")
            let other = try await post(#"{"operation":"resize","width":5}"#, "k1")
            #expect(other.status == 422 && other.code == "idempotency_key_reused")
            #expect(try await post(#"{"operation":"resize","width":5}"#, "k2").status == 202)
            #expect(try await post(#"{"operation":"resize","width":5}"#, "").status == 422)
            #expect(
                try await post(#"{"operation":"resize","width":5}"#, String(repeating: "k", count: 256)).status == 422)
            #expect(try await site.get("/jobs").json["jobs"].count == 2)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A job` {
    @Test func `is done while the client waits, and is given out`() async throws {
        try await Site.with { site async throws in
            let file = try await site.uploadedPicture(width: 8, height: 6)
            let reply = try await site.post(
                "/process/\(file)", json: #"{"operation":"resize","width":4}"#, ["Prefer": "respond-async, wait=50"])
            #expect(reply.status == 200 && reply["preference-applied"] == "wait=50")
            let job = reply.json
            #expect(job["status"] == "done" && job["progress"] == 1 && job["error"] == .null)
            #expect(job["result"]["width"] == 4 && job["result"]["height"] == 3 && job["result"]["format"] == "png")
            #expect(job["created_at"].text != nil && job["started_at"].text != nil && job["finished_at"].text != nil)
            // The order is the contract's.
            let names = [
                "processing_id", "job_id", "file_id", "status", "progress", "attempts", "operations", "cached",
                "created_at",
                "started_at", "finished_at", "error", "result", "download_url",
            ]
            let positions = names.compactMap { reply.text.firstRange(of: "\"\($0)\"")?.lowerBound }
            #expect(positions.count == names.count && positions == positions.sorted())

            let cached = try await site.post("/process/\(file)", json: #"{"operation":"resize","width":4}"#)
            #expect(cached.status == 202 && cached.json["status"] == "done" && cached.json["cached"] == true)
        }
    }

    @Test func `that is not done in time is accepted as usual`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            for preference in ["wait=0", "wait=61", "wait=x"] {
                let reply = try await site.post(
                    "/process/\(file)", json: #"{"operation":"grayscale"}"#, ["Prefer": preference])
                #expect(reply.status == 202 && reply["preference-applied"] == nil, "\(preference)")
            }
        }
    }

    @Test func `tells of its change to who waits for it`() async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.post("/process/\(site.uploadedPicture())", json: #"{"operation":"grayscale"}"#)
            let id = try #require(reply.json["job_id"].text)
            async let waiting = site.get("/status/\(id)?wait=60")
            #expect(try await site.get("/status/\(id)?wait=0").json["status"] == "queued")
            #expect(try await site.ask("DELETE", "/jobs/\(id)").status == 200)
            #expect(try await waiting.json["status"] == "canceled")
            // A final job is not waited for.
            #expect(try await site.get("/status/\(id)?wait=60").json["status"] == "canceled")
        }
    }

    @Test func `that waits does not hold up a shutdown`() async throws {
        let clock = ContinuousClock()
        let end = Mutex(clock.now)
        try await Site.with(working: false) { site async throws in
            let reply = try await site.post("/process/\(site.uploadedPicture())", json: #"{"operation":"grayscale"}"#)
            let id = try #require(reply.json["job_id"].text)
            try await Wire.open(site.port) { wire async throws in
                try await wire.send(Site.head("GET", "/status/\(id)?wait=60", [:], length: 0))
            }
            end.withLock { $0 = clock.now }
        }
        #expect(end.withLock { clock.now - $0 } < .seconds(30))
    }

    @Test func `can be canceled until it is final`() async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.post("/process/\(site.uploadedPicture())", json: #"{"operation":"grayscale"}"#)
            let id = try #require(reply.json["job_id"].text)
            let canceled = try await site.ask("DELETE", "/jobs/\(id)")
            #expect(canceled.status == 200 && canceled.json["status"] == "canceled")
            #expect(canceled.json["download_url"] == .null)
            let again = try await site.ask("DELETE", "/jobs/\(id)")
            #expect(again.status == 409 && again.code == "already_final")
            let download = try await site.get("/download/\(id)")
            #expect(download.status == 409 && download.code == "canceled")
            let retry = try await site.ask("POST", "/jobs/\(id)/retry")
            #expect(retry.status == 409 && retry.code == "not_failed")
        }
    }

    @Test func `that fails says why, is a dead letter, and can be retried`() async throws {
        try await Site.with { site async throws in
            // A header that is fine over pixels that are not there.
            let truncated = Array(Pictures.png(width: 100, height: 100).prefix(3000))
            let file = try await site.upload(.file("a.png", truncated))
            #expect(file.status == 201)
            let path = "/process/\(file.json["file_id"].text ?? "")"
            let reply = try await site.post(path, json: #"{"operation":"grayscale"}"#, ["Prefer": "wait=50"])
            #expect(reply.json["status"] == "failed" && reply.json["error"]["code"] == "undecodable_image")
            let id = try #require(reply.json["job_id"].text)
            let download = try await site.get("/download/\(id)")
            #expect(download.status == 422 && download.code == "job_failed")
            #expect(download.json["detail"].text?.hasPrefix("undecodable_image: ") == true)

            let letters = try await site.get("/dead-letters").json
            #expect(letters["dead_letters"].count == 1 && letters["next_cursor"] == .null)
            let letter = letters["dead_letters"][0]
            #expect(letter["job_id"].text == id && letter["reason"].text?.isEmpty == false)
            #expect(letter["attempts"].number != nil && letter["timestamp"].text?.hasSuffix("Z") == true)
            #expect(letter["retryable"] == false)

            // All at once leaves alone what cannot succeed; one that is named is tried all the same.
            let all = try await site.ask("POST", "/dead-letters/retry")
            #expect(all.status == 200 && all.json["retried"] == [] && all.json["skipped"] == 1)
            let retried = try await site.ask("POST", "/jobs/\(id)/retry")
            #expect(retried.status == 202 && retried["location"] == "/status/\(id)")
            var status = try await site.get("/status/\(id)?wait=50")
            while status.json["status"] != "failed" { status = try await site.get("/status/\(id)?wait=50") }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A list` {
    @Test func `of files goes page by page, newest first`() async throws {
        try await Site.with(working: false) { site async throws in
            var ids: [String] = []
            for width in 1...5 { ids.insert(try await site.uploadedPicture(width: width), at: 0) }
            #expect(
                try await Self.pages(site, "/list", "files", "file_id") == [
                    Array(ids[0..<2]), Array(ids[2..<4]), [ids[4]],
                ])
            #expect(try await site.get("/list").json["files"].count == 5)
            #expect(try await site.get("/list?limit=5").json["next_cursor"] == .null)
        }
    }

    @Test func `of jobs goes page by page, and by state`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            var ids: [String] = []
            for width in 1...5 {
                let reply = try await site.post("/process/\(file)", json: #"{"operation":"resize","width":\#(width)}"#)
                ids.insert(try #require(reply.json["job_id"].text), at: 0)
            }
            #expect(
                try await Self.pages(site, "/jobs", "jobs", "job_id") == [
                    Array(ids[0..<2]), Array(ids[2..<4]), [ids[4]],
                ])
            _ = try await site.ask("DELETE", "/jobs/\(ids[1])")
            let canceled = try await site.get("/jobs?status=canceled").json["jobs"]
            #expect(canceled.count == 1 && canceled[0]["job_id"].text == ids[1])
            #expect(try await site.get("/jobs?status=queued").json["jobs"].count == 4)
        }
    }

    private static func pages(_ site: Site, _ target: String, _ list: String, _ id: String) async throws -> [[String]] {
        var pages: [[String]] = []
        var cursor = ""
        while true {
            let page = try await site.get("\(target)?limit=2\(cursor)").json
            pages.append((0..<page[list].count).compactMap { page[list][$0][id].text })
            guard let next = page["next_cursor"].text else { return pages }
            cursor = "&cursor=\(next)"
        }
    }

    @Test func `loses a file that is deleted, with its results`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            let file = try await site.get("/status/\(job)").json["file_id"].text ?? ""
            let deleted = try await site.ask("DELETE", "/files/\(file)")
            #expect(deleted.status == 204 && deleted["content-length"] == nil)
            #expect(try await site.ask("DELETE", "/files/\(file)").status == 404)
            #expect(try await site.get("/list").json["files"] == [])
            #expect(try await site.get("/download/\(job)").status == 404)
            #expect(try await site.get("/status/\(job)").status == 404)
            #expect(try await site.get("/jobs").json["jobs"] == [])
        }
    }

    @Test func `of jobs keeps one that was canceled because its file was deleted`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            let reply = try await site.post("/process/\(file)", json: #"{"operation":"flip"}"#)
            #expect(try await site.ask("DELETE", "/files/\(file)").status == 204)
            let status = try await site.get("/status/\(reply.json["job_id"].text ?? "")")
            #expect(status.status == 200 && status.json["status"] == "canceled", "\(status.text)")
            #expect(try await site.get("/jobs").json["jobs"].count == 1)
        }
    }

    @Test func `fails where the picture does not have what a plan takes of it, and says what it has`() async throws {
        try await Site.with { site async throws in
            let file = try await site.uploadedPicture()
            let job = try await site.post(
                "/process/\(file)", json: #"{"operations":["flip"],"output":{"page":2}}"#, ["Prefer": "wait=50"])
            #expect(job.json["status"] == "failed" && job.json["error"]["code"] == "impossible_plan", "\(job.text)")
            #expect(job.json["error"]["message"].text?.contains("the picture has one page") == true)
            #expect(job.json["error"]["message"].text?.contains("impossible(") == false)
            #expect(job.json["error"]["retryable"] == false)
        }
    }
}
