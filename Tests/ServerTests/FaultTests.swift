import Imaging
import Jobs
import Logging
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `When a back end fails` {
    private static let picture = Part.file("a.png", Pictures.png(width: 3, height: 3))
    /// With more behind its end than is held in memory.
    private static let largeFile = Part.file(
        "b.png", Pictures.png(width: 3, height: 3) + [UInt8](repeating: 0, count: LocalBytes.maxHeldByteCount))

    @Test func `a full disk is a 507, nothing is kept, and the service goes on`() async throws {
        let faults = Faults()
        try await Site.with(working: false, faults: faults) { site async throws in
            let before = try site.keptFiles()
            for (break_, part) in [
                (faults.breakScratch, Self.largeFile), (faults.breakStorage, Self.largeFile),
                (faults.breakStorage, Self.picture),
            ] {
                break_(ObjectStorageError.full)
                let reply = try await site.upload(part)
                #expect(reply.status == 507 && reply.code == "insufficient_storage" && reply["retry-after"] != nil)
                #expect(try site.keptFiles() == before)
                break_(nil)
            }
            #expect(try await site.get("/list").json["files"] == [])
            #expect(try await site.upload(Self.picture).status == 201)
        }
    }

    @Test func `a storage that is away is a 503, and says nothing of its insides`() async throws {
        let faults = Faults()
        try await Site.with(faults: faults) { site async throws in
            let job = try await site.finishedJob()
            faults.breakStorage(ObjectStorageError.unavailable(reason: "secret host 10.1.2.3"))
            for reply in [try await site.upload(Self.picture), try await site.get("/download/\(job)")] {
                #expect(reply.status == 503 && reply.code == "backend_unavailable" && reply["retry-after"] == "2")
                #expect(!reply.text.contains("secret"))
            }
            let health = try await site.get("/health")
            #expect(health.status == 200 && health.json["status"] == "degraded")
            #expect(health.json["components"]["storage"]["status"] == "down")
            #expect(health.json["components"]["store"]["status"] == "up")
            faults.breakStorage(nil)
            #expect(try await site.get("/download/\(job)").status == 200)
        }
    }

    @Test func `an error that nobody foresaw is a 500, logged once and not told`() async throws {
        struct Unforeseen: Error { let secret = "s3cret" }
        let faults = Faults()
        try await Site.with(working: false, faults: faults) { site async throws in
            faults.breakStorage(Unforeseen())
            let reply = try await site.ask(
                "POST", "/upload", ["Content-Type": Part.contentType, "X-Request-ID": "r1"],
                body: Part.body([Self.picture]))
            #expect(reply.status == 500 && reply.code == "internal_error" && !reply.text.contains("s3cret"))
            let lines = site.log.all.filter { $0.level >= .error }
            #expect(lines.count == 1)
            #expect(lines.first?.metadata["request_id"] == "r1")
            #expect(lines.first?.metadata["error"]?.description.contains("s3cret") == true)
        }
    }

    @Test func `and what has expired is gone for good`() async throws {
        try await Site.with(retention: .zero) { site async throws in
            let reply = try await site.upload(Self.picture)
            let file = try #require(reply.json["file_id"].text)
            _ = try await site.intake.store.expire(forgetting: Timestamp.now - .seconds(60), limit: 100)
            for reply in [
                try await site.post("/process/\(file)", json: #"{"operation":"grayscale"}"#),
                try await site.ask("DELETE", "/files/\(file)"),
            ] {
                #expect(reply.status == 410 && reply.code == "expired", "\(reply.text)")
            }
            #expect(try await site.get("/list").json["files"] == [])
        }
    }
}
