import Imaging
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `A description` {
    private static let picture = Part.file("a.png", Pictures.png(width: 8, height: 6))

    private static func submit(
        to site: Site, _ parts: [Part] = [picture], _ fields: [String: String] = [:]
    ) async throws -> Reply {
        try await site.ask(
            "POST", "/submit", fields.merging(["Content-Type": Part.contentType]) { $1 }, body: Part.body(parts))
    }

    @Test func `is accepted, and its job says what it is`() async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await Self.submit(to: site)
            #expect(reply.status == 202 && reply.json["status"] == "queued", "\(reply.text)")
            let id = try #require(reply.json["job_id"].text)
            #expect(reply["location"] == "/status/\(id)")
            let status = try await site.get("/status/\(id)").json
            #expect(status["kind"] == "describe" && status["status"] == "queued")
            #expect(status["file_id"] == reply.json["file_id"])
            let early = try await site.get("/result/\(id)")
            #expect(early.status == 409 && early.code == "not_finished" && early["retry-after"] == "1")
        }
    }

    @Test func `says what can be measured, in words and as fields`() async throws {
        try await Site.with { site async throws in
            let reply = try await Self.submit(to: site, [Self.picture], ["Prefer": "wait=50"])
            #expect(reply.status == 200 && reply["preference-applied"] == "wait=50", "\(reply.text)")
            let id = try #require(reply.json["job_id"].text)
            let result = try await site.get("/result/\(id)")
            for body in [reply.json, result.json] {
                #expect(body["status"] == "done" && body["job_id"].text == id)
                #expect(body["_generated_by"] == "vision-node-gpt" && body["source"] == "measured")
                let text = try #require(body["description"].text)
                #expect(text.hasPrefix("Image Description:\n- Dimensions: 8x6 pixels\n"), "\(text)")
            }
        }
    }

    @Test func `of the same picture is not worked out twice`() async throws {
        try await Site.with { site async throws in
            #expect(try await Self.submit(to: site, [Self.picture], ["Prefer": "wait=50"]).status == 200)
            let again = try await Self.submit(to: site)
            #expect(again.status == 202 && again.json["status"] == "done" && again.json["cached"] == true)
        }
    }

    @Test func `asked for twice with one key is one job and one file`() async throws {
        try await Site.with(working: false) { site async throws in
            let key = ["Idempotency-Key": "k-1"]
            let (first, second) = (
                try await Self.submit(to: site, [Self.picture], key),
                try await Self.submit(to: site, [Self.picture], key)
            )
            #expect(second.json["job_id"] == first.json["job_id"] && second["idempotency-replayed"] == "true")
            #expect(try await site.get("/list").json["files"].count == 1)
            let other = try await Self.submit(to: site, [.file("b.png", Pictures.png(width: 3, height: 3))], key)
            #expect(other.status == 422 && other.code == "idempotency_key_reused")
            #expect(try await site.get("/list").json["files"].count == 1)
        }
    }

    @Test func `of several pictures, or of none, is refused`() async throws {
        try await Site.with(working: false) { site async throws in
            let two = try await Self.submit(to: site, [Self.picture, Self.picture])
            #expect(two.status == 422 && two.code == "too_many_parts")
            let none = try await Self.submit(to: site, [])
            #expect(none.status == 422 && none.code == "missing_file")
            #expect(try site.keptFiles() == 0)
        }
    }

    @Test func `is not what a developing job has`() async throws {
        try await Site.with { site async throws in
            let reply = try await site.get("/result/\(site.finishedJob())")
            #expect(reply.status == 404 && reply.code == "not_found" && reply.text.contains("/download/"))
        }
    }
}
