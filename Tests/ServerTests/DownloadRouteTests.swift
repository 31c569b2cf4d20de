import Imaging
import Jobs
import Logging
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `A download` {
    @Test func `is the picture, with everything a browser should know`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            let whole = try await site.get("/download/\(job)")
            #expect(whole.status == 200 && whole["content-type"] == "image/png")
            #expect(whole.body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
            #expect(whole["content-length"] == "\(whole.body.count)" && whole["accept-ranges"] == "bytes")
            #expect(whole["content-disposition"] == #"inline; filename="a.png""#)
            #expect(whole["x-content-type-options"] == "nosniff")
            #expect(whole["content-security-policy"] == "default-src 'none'; sandbox")
            #expect(whole["cross-origin-resource-policy"] == "cross-origin")
            let saved = try await site.get("/download/\(job)?disposition=attachment")
            #expect(saved["content-disposition"] == #"attachment; filename="a.png""#)
            #expect(try await site.get("/download/\(job)?disposition=sideways").status == 422)
            #expect(try await site.get("/download/\(job)?redirect=1").status == 200)
        }
    }

    @Test func `is with the storage for whoever asks for that`() async throws {
        let faults = Faults()
        faults.presign(at: "https://storage.example/a")
        try await Site.with(faults: faults) { site async throws in
            let path = "/download/\(try await site.finishedJob())"
            let there = try await site.get("\(path)?redirect=1")
            #expect(there.status == 307 && there["cache-control"] == "no-store")
            #expect(there["location"] == "https://storage.example/a?type=image/png&for=300")
            #expect(try await site.get("\(path)?redirect=0").status == 200)
            // The URL is good for GET alone.
            let head = try await site.ask("HEAD", "\(path)?redirect=1")
            #expect(head.status == 200 && head["location"] == nil)
        }
    }

    @Test func `is described by HEAD as GET would send it, and not read for that`() async throws {
        let faults = Faults()
        try await Site.with(faults: faults) { site async throws in
            let path = "/download/\(try await site.finishedJob())"
            let whole = try await site.get(path)
            faults.breakReading(ObjectStorageError.unavailable(reason: "nobody may read"))
            let head = try await site.ask("HEAD", path, ["Range": "bytes=0-3"])
            #expect(head.status == 200)
            for field in ["content-length", "content-type", "etag", "content-disposition"] {
                #expect(head[field] == whole[field], "\(field)")
            }
        }
    }

    @Test func `comes in parts`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            let whole = try await site.get("/download/\(job)").body
            let count = whole.count
            for (field, expected) in [
                ("bytes=0-9", 0..<10), ("bytes=10-", 10..<count), ("bytes=-7", count - 7..<count),
                ("bytes=5-99999999", 5..<count),
            ] {
                let part = try await site.get("/download/\(job)", ["Range": field])
                #expect(part.status == 206 && part.body == Array(whole[expected]), "\(field)")
                #expect(part["content-range"] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/\(count)")
            }
            let beyond = try await site.get("/download/\(job)", ["Range": "bytes=\(count)-"])
            #expect(beyond.status == 416 && beyond["content-range"] == "bytes */\(count)")
            #expect(try await site.get("/download/\(job)", ["Range": "bytes=0-1,3-4"]).status == 200)
        }
    }

    @Test func `is not sent again to who has it`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            let tag = try #require(try await site.get("/download/\(job)")["etag"])
            try await Wire.open(site.port) { wire async throws in
                for field in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                    try await wire.send(Site.head("GET", "/download/\(job)", ["If-None-Match": field], length: 0))
                    let reply = try await wire.reply(bodiless: true)
                    #expect(reply.status == 304 && reply["etag"] == tag)
                    #expect(reply["content-length"] == nil)
                }
            }
            #expect(try await site.get("/download/\(job)", ["If-None-Match": "\"other\""]).status == 200)
            let range = ["Range": "bytes=0-3"]
            #expect(try await site.get("/download/\(job)", range.merging(["If-Range": tag]) { $1 }).status == 206)
            #expect(
                try await site.get("/download/\(job)", range.merging(["If-Range": "\"other\""]) { $1 }).status == 200)
        }
    }

    @Test func `is refused to who wants another version`() async throws {
        try await Site.with { site async throws in
            let path = "/download/\(try await site.finishedJob())"
            let tag = try #require(try await site.get(path)["etag"])
            for method in ["GET", "HEAD"] {
                for field in [tag, "*", "\"other\", \(tag)"] {
                    #expect(try await site.ask(method, path, ["If-Match": field]).status == 200)
                }
                // Asked first (RFC 9110, section 13.2.2).
                for field in ["\"other\"", "W/\(tag)"] {
                    let fields = ["If-Match": field, "If-None-Match": tag, "Range": "bytes=0-3"]
                    #expect(try await site.ask(method, path, fields).status == 412)
                }
            }
            #expect(try await site.get(path, ["If-Match": "\"other\""]).code == "precondition_failed")
            #expect(try await site.get(path, ["If-Match": tag, "Range": "bytes=0-3"]).status == 206)
        }
    }

    @Test func `is an error where the bytes are gone or cut off, and never another length than it says`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            let id = try #require(JobID(job))
            let blob = try #require(try await site.intake.store.job(id).result).blob
            try await site.intake.storage.put([1, 2, 3], as: blob)
            let damaged = try await site.get("/download/\(job)")
            #expect(damaged.status == 500 && damaged.code == "internal_error")
            #expect(try await site.ask("HEAD", "/download/\(job)").status == 500)
            try await site.intake.storage.delete(blob)
            #expect(try await site.ask("HEAD", "/download/\(job)").status == 410)
            let gone = try await site.get("/download/\(job)")
            #expect(gone.status == 410 && gone.code == "expired")
        }
    }

    @Test(arguments: [[], [1, 2, 3]] as [[UInt8]])
    func `of lost bytes has them made anew for who asks for the same again`(_ left: [UInt8]) async throws {
        try await Site.with { site async throws in
            let file = try await site.uploadedPicture()
            func process() async throws -> Reply {
                try await site.post("/process/\(file)", json: #"{"operation":"grayscale"}"#, ["Prefer": "wait=10"])
            }
            let job = try #require(try await process().json["job_id"].text)
            let id = try #require(JobID(job))
            let blob = try #require(try await site.intake.store.job(id).result).blob
            if left.isEmpty {
                try await site.intake.storage.delete(blob)
            } else {
                try await site.intake.storage.put(left, as: blob)
            }
            #expect(try await process().text.contains(#""cached":true"#))
            #expect(try await site.get("/download/\(job)").status >= 400)
            let again = try await process()
            #expect(again.text.contains(#""cached":false"#))
            let next = try #require(again.json["job_id"].text)
            #expect(try await site.get("/download/\(next)").status == 200)
        }
    }

    @Test func `is cut off where the client does not take it`() async throws {
        let adapt: (inout ServerSettings) -> Void = { $0.limits.answerWindow = .milliseconds(100) }
        try await Site.with(settings: adapt) { site async throws in
            // 36 MB: more than the systems on both ends hold.
            let job = try await site.finishedJob(
                #"{"transformations": ["resize:4000x3000", "convert:bmp"]}"#)
            try await Wire.open(site.port) { wire async throws in
                try await wire.send(Site.head("GET", "/download/\(job)", [:], length: 0))
                // Nothing is read until the server has given up.
                while !site.log.all.contains(where: { $0.metadata["path"] == "/download/\(job)" }) {
                    try await Task.sleep(for: .milliseconds(20))
                }
                await #expect(throws: (any Error).self) { _ = try await wire.reply() }
            }
        }
    }

    @Test func `is not there before the job is finished`() async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.post("/process/\(site.uploadedPicture())", json: #"{"operation":"grayscale"}"#)
            let download = try await site.get("/download/\(reply.json["job_id"].text ?? "")")
            #expect(download.status == 409 && download.code == "not_finished" && download["retry-after"] == "1")
        }
    }

    @Test func `bears the original's name, in any script`() async throws {
        try await Site.with { site async throws in
            let file = try await site.upload(.file("猫.png", Pictures.png(width: 2, height: 2)))
            let job = try await site.post(
                "/process/\(file.json["file_id"].text ?? "")", json: #"{"operation":"convert","format":"jpeg"}"#,
                ["Prefer": "wait=50"])
            let download = try await site.get("/download/\(job.json["job_id"].text ?? "")")
            #expect(
                download["content-disposition"] == #"inline; filename="_.jpg"; filename*=UTF-8''%E7%8C%AB.jpg"#,
                "\(job.text)")
        }
    }
}
