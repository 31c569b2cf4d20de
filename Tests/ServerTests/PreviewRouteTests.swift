import Codecs
import Imaging
import Jobs
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `A preview` {
    @Test func `shows what a plan makes of a file, small`() async throws {
        try await Site.with { site async throws in
            let file = try await site.uploadedPicture(width: 200, height: 100)
            let answer = try await site.get("/preview/\(file)?side=40&transformations=rotate:90,invert")
            #expect(answer.status == 200 && answer["content-type"] == "image/png")
            let picture = EncodedImage(Array(answer.body))
            let header = try PNGCodec.header(of: picture)
            #expect(header.size == Size(width: 20, height: 40))
            // The ramp begins with black, which is in the upper right once it is turned, and white then.
            let decoder = try PNGCodec.decoder(for: picture, DecodeRequest())
            var row = [UInt8](repeating: 0, count: decoder.layout.rowByteCount)
            try decoder.readRow(into: &row)
            #expect(row[row.count - decoder.layout.format.bytesPerPixel] > 200)
            // There is no job of it.
            let jobs = try await site.get("/jobs")
            #expect(String(decoding: jobs.body, as: UTF8.self).contains(#""jobs":[]"#))
        }
    }

    @Test func `without a plan is the file itself, and is not made twice`() async throws {
        try await Site.with { site async throws in
            let file = try await site.uploadedPicture(width: 200, height: 100)
            let answer = try await site.get("/preview/\(file)?side=64")
            #expect(answer.status == 200 && answer["content-type"] == "image/webp")
            #expect(try WebPCodec.header(of: EncodedImage(Array(answer.body))).size == Size(width: 64, height: 32))
            let tag = try #require(answer["etag"])
            let again = try await site.ask("GET", "/preview/\(file)?side=64", ["If-None-Match": tag])
            #expect(again.status == 304 && again.body.isEmpty)
            #expect(try await site.get("/preview/\(file)?side=65")["etag"] != tag)
            // Formats that no browser shows come as one that all do.
            let tiff = try await site.get("/preview/\(file)?side=64&transformations=convert:tiff")
            #expect(tiff["content-type"] == "image/webp")
        }
    }

    @Test(arguments: [
        ("?side=8", 422, "invalid_parameter"), ("?side=5000", 422, "invalid_parameter"),
        ("?format=webp", 422, "missing_plan"), ("?priority=low", 422, "unknown_parameter"),
        ("?transformations=polish", 422, "unknown_operation"), ("?width=80", 422, "unknown_parameter"),
        ("?transformations=crop:900:900:10x10", 422, "impossible_plan"),
        ("?transformations=flip&page=2", 422, "impossible_plan"),
        ("?transformations=flip&page=0", 422, "invalid_parameter"),
        ("?transformations=flip&metadata=all", 422, "invalid_parameter"),
    ])
    func `of what cannot be is refused`(query: String, status: Int, code: String) async throws {
        try await Site.with { site async throws in
            let file = try await site.uploadedPicture(width: 60, height: 40)
            let answer = try await site.get("/preview/\(file)\(query)")
            #expect(answer.status == status && String(decoding: answer.body, as: UTF8.self).contains(code))
        }
    }

    @Test func `takes nothing that is for jobs, and does not say so either`() async throws {
        try await Site.with(working: false) { site async throws in
            let detail = try #require(try await site.get("/preview/x?foo=1").json["detail"].text)
            #expect(detail.contains("transformations") && !detail.contains("webhook_url"), "\(detail)")
            #expect(try await site.ask("POST", "/process/x?foo=1").json["detail"].text?.contains("webhook_url") == true)
        }
    }

    @Test func `may be of a plan as long as plans may be`() async throws {
        try await Site.with { site async throws in
            let file = try await site.uploadedPicture(width: 20, height: 10)
            let steps = Array(repeating: "flip", count: PlanRequest.maximumSteps).joined(separator: ",")
            #expect(try await site.get("/preview/\(file)?transformations=\(steps)").status == 200)
            #expect(try await site.get("/preview/\(file)?transformations=\(steps),flip").status == 422)
        }
    }

    @Test func `that cannot be, as only the picture shows, is refused`() async throws {
        try await Site.with { site async throws in
            let file = try await site.uploadedPicture(width: 20, height: 10)
            let path = "/preview/\(file)?transformations=extend:100x100:background=ffffff,trim,crop:50:50:10x10"
            let answer = try await site.get(path)
            #expect(answer.status == 422 && answer.json["code"] == "impossible_plan", "\(answer.text)")
        }
    }

    @Test func `of a file that is not there is a 404`() async throws {
        try await Site.with { site async throws in
            #expect(try await site.get("/preview/01989c6f-5d3a-7c1e-9b52-0f4d6a8e2b71").status == 404)
        }
    }
}
