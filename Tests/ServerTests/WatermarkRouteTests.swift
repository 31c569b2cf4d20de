import Codecs
import Foundation
import Imaging
import Jobs
import Rendering
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `A watermark over HTTP` {
    /// A PNG of one colour.
    private static func plain(_ width: Int, _ height: Int, _ color: [UInt8]) throws -> [UInt8] {
        let bytes = MemoryByteSink()
        let layout = RowLayout(size: Size(width: width, height: height), format: .rgba8, isOpaque: color[3] == 255)
        let sink = try PNGCodec.encoder(for: layout, EncodeRequest(OutputOptions()), into: bytes)
        let row = (0..<width).flatMap { _ in color }
        for _ in 0..<height { try sink.writeRow(row.span) }
        try sink.finish()
        return bytes.bytes
    }

    /// The pixels of a PNG in colours.
    private static func pixels(_ png: [UInt8]) throws -> [[UInt8]] {
        let decoder = try PNGCodec.decoder(for: EncodedImage(png), DecodeRequest())
        #expect(decoder.layout.format == .rgba8)
        var row = [UInt8](repeating: 0, count: decoder.layout.rowByteCount)
        var pixels: [[UInt8]] = []
        for _ in 0..<decoder.layout.size.height {
            try decoder.readRow(into: &row)
            pixels += stride(from: 0, to: row.count, by: 4).map { Array(row[$0..<$0 + 4]) }
        }
        return pixels
    }

    private static func uploaded(_ bytes: [UInt8], to site: Site) async throws -> String {
        let reply = try await site.upload(.file("a.png", bytes))
        return try #require(reply.json["file_id"].text, "\(reply.text)")
    }

    /// A white picture, and a red mark: half of it shows.
    private static func files(on site: Site) async throws -> (picture: String, mark: String) {
        (
            try await uploaded(plain(8, 6, [255, 255, 255, 255]), to: site),
            try await uploaded(plain(4, 2, [255, 0, 0, 255]), to: site)
        )
    }

    private static func expectMark(on png: [UInt8]) throws {
        let pixels = try pixels(png)
        for (index, pixel) in pixels.enumerated() {
            let isMarked = index % 8 >= 4 && index / 8 >= 4
            #expect(pixel == (isMarked ? [255, 128, 128, 255] : [255, 255, 255, 255]), "pixel \(index)")
        }
    }

    @Test func `lies on the result, in all shapes of a plan`() async throws {
        try await Site.with { site async throws in
            let (picture, mark) = try await Self.files(on: site)
            let step = "watermark:file_id=\(mark):position=bottom_right:opacity=0.5"
            let member = #""file_id":"\#(mark)","opacity":0.5"#
            let form = "operation=watermark&file_id=\(mark)&opacity=0.5"
            let replies = [
                try await site.post(
                    "/process/\(picture)", json: #"{"operation":"watermark",\#(member)}"#, ["Prefer": "wait=50"]),
                try await site.post(
                    "/process/\(picture)", json: #"{"operations":[{"type":"watermark",\#(member)}]}"#,
                    ["Prefer": "wait=50"]),
                try await site.post(
                    "/process/\(picture)", json: #"{"transformations":["\#(step)"]}"#, ["Prefer": "wait=50"]),
                try await site.ask("POST", "/process/\(picture)?\(form)", ["Prefer": "wait=50"]),
                try await site.ask(
                    "POST", "/process/\(picture)",
                    ["Content-Type": "application/x-www-form-urlencoded", "Prefer": "wait=50"], body: Array(form.utf8)),
            ]
            for reply in replies {
                #expect(reply.status == 200 && reply.json["status"] == "done", "\(reply.text)")
                #expect(reply.json["operations"][0]["file_id"].text == mark)
                let id = try #require(reply.json["job_id"].text)
                try await Self.expectMark(on: site.get("/download/\(id)").body)
            }
            // They mean the same.
            #expect(replies.dropFirst().allSatisfy { $0.json["cached"] == true })
        }
    }

    @Test func `is shown by a preview, which changes with the mark's bytes alone`() async throws {
        try await Site.with { site async throws in
            let (picture, mark) = try await Self.files(on: site)
            let twin = try await Self.uploaded(Self.plain(4, 2, [255, 0, 0, 255]), to: site)
            let other = try await Self.uploaded(Self.plain(4, 2, [0, 0, 255, 255]), to: site)
            let replies = try await [mark, twin, other].asyncMap {
                try await site.get("/preview/\(picture)?transformations=watermark:\($0):opacity=0.5")
            }
            #expect(replies.allSatisfy { $0.status == 200 }, "\(replies[0].text)")
            try Self.expectMark(on: replies[0].body)
            #expect(replies[0]["etag"] == replies[1]["etag"] && replies[0]["etag"] != replies[2]["etag"])
        }
    }

    @Test func `lies on pictures by URL, and on those of a CSV`() async throws {
        let url = "https://pictures.example/1.png"
        let served = PlayedFetcher(answers: [url: .success(try Self.plain(8, 6, [255, 255, 255, 255]))])
        try await Site.with(fetching: served) { site async throws in
            let mark = try await Self.files(on: site).mark
            let step = "watermark:\(mark):opacity=0.5"
            let byURL = try await site.post(
                "/api/v1/images/process", json: #"{"imageUrl":"\#(url)","transformations":["\#(step)"]}"#,
                ["Prefer": "wait=50"])
            #expect(byURL.json["status"] == "COMPLETED", "\(byURL.text)")
            try await Self.expectMark(on: site.get("/download/\(byURL.json["jobId"].text ?? "")").body)

            let batch = try await site.upload(
                .file("a.csv", Array("url\n\(url)\n".utf8)), .field("transformations", step))
            let status = try await site.get("/status/\(batch.json["batch_id"].text ?? "")?wait=50").json
            #expect(status["done"] == 1, "\(batch.text)")
            try await Self.expectMark(on: site.get("/download/\(status["images"][0]["job_id"].text ?? "")").body)
        }
    }

    @Test(arguments: [
        ("logo", 422, "invalid_parameter"), ("01989c6f-5d3a-7c1e-9b52-0f4d6a8e2b71", 422, "invalid_parameter"),
        ("../../jobs.db", 422, "invalid_parameter"), ("", 422, "missing_parameter"),
    ])
    func `of a file that is not there is refused, and says which parameter is meant`(
        _ name: String, _ status: Int, _ code: String
    ) async throws {
        try await Site.with(working: false) { site async throws in
            let picture = try await Self.files(on: site).picture
            let steps = "transformations=watermark:file_id=\(name)"
            let replies = [
                try await site.ask("POST", "/process/\(picture)?\(steps)"),
                try await site.get("/preview/\(picture)?\(steps)"),
                try await site.post(
                    "/api/v1/images/process",
                    json:
                        #"{"imageUrl":"https://a.example/1.png","transformations":["watermark:file_id=\#(name)"]}"#),
                try await site.upload(
                    .file("a.csv", Array("url\nhttps://a.example/1.png\n".utf8)),
                    .field("transformations", "watermark:file_id=\(name)")),
            ]
            for reply in replies {
                #expect(reply.status == status && reply.code == code, "\(reply.text)")
                #expect(reply.json["parameter"] == "file_id")
            }
            #expect(try await site.get("/jobs").json["jobs"].count == 0)
        }
    }

    @Test func `of a file that was deleted, or whose time is over, is refused as that`() async throws {
        try await Site.with(working: false, retention: .zero) { site async throws in
            let (picture, mark) = try await Self.files(on: site)
            #expect(try await site.ask("DELETE", "/files/\(mark)").status == 204)
            let deleted = try await site.ask("POST", "/process/\(picture)?transformations=watermark:\(mark)")
            #expect(deleted.status == 422 && deleted.json["parameter"] == "file_id")
            #expect(deleted.json["detail"].text?.contains(mark) == true, "\(deleted.text)")
            _ = try await site.intake.store.expire(forgetting: Timestamp(milliseconds: 0), limit: 100)
            let other = try await Self.files(on: site).picture
            let expired = try await site.ask("POST", "/process/\(other)?transformations=watermark:\(picture)")
            #expect(expired.status == 410 && expired.code == "expired", "\(expired.text)")
            #expect(expired.json["parameter"] == "file_id")
        }
    }

    @Test func `that is broken ends the job, which names it`() async throws {
        try await Site.with { site async throws in
            let picture = try await Self.files(on: site).picture
            let whole = Pictures.png(width: 40, height: 40)
            let mark = try await Self.uploaded(Array(whole.prefix(whole.count / 2)), to: site)
            let reply = try await site.ask(
                "POST", "/process/\(picture)?transformations=watermark:\(mark)", ["Prefer": "wait=50"])
            #expect(reply.json["status"] == "failed", "\(reply.text)")
            #expect(reply.json["error"]["code"] == "undecodable_image")
            #expect(reply.json["error"]["message"].text?.contains(mark) == true)
            let preview = try await site.get("/preview/\(picture)?transformations=watermark:\(mark)")
            #expect(preview.status == 422 && preview.code == "undecodable_image", "\(preview.text)")
        }
    }

    @Test func `is described, with the id that it needs`() async throws {
        try await Site.with(working: false) { site async throws in
            let schemas = try await site.get("/openapi.json").json["components"]["schemas"]
            let step = schemas["WatermarkStep"]
            #expect(step["required"].items.map(\.text).contains("file_id"))
            #expect(step["properties"]["file_id"]["format"] == "uuid")
            #expect(schemas["WatermarkPlan"]["properties"]["file_id"]["type"] == "string")
        }
    }
}

extension [String] {
    fileprivate func asyncMap<R>(_ body: (String) async throws -> R) async rethrows -> [R] {
        var results: [R] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
