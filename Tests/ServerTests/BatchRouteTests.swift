import Foundation
import Imaging
import Jobs
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `A batch by CSV` {
    private static let served = PlayedFetcher(answers: [
        "https://a.example/1.png": .success(Pictures.png(width: 8, height: 6)),
        "https://a.example/2.png": .success(Pictures.png(width: 4, height: 4)),
    ])

    private static func submit(
        to site: Site, _ csv: String, _ form: [Part] = [], path: String = "/upload/", fields: [String: String] = [:]
    ) async throws -> Reply {
        let parts = [Part.file("products.csv", Array(csv.utf8))] + form
        return try await site.ask(
            "POST", path, fields.merging(["Content-Type": Part.contentType]) { $1 }, body: Part.body(parts))
    }

    private static let csv = """
        S. No.,Product Name,Input Image Urls\r
        1,"Cat, grey","https://a.example/1.png,https://a.example/2.png"\r
        2,=Dog,https://a.example/3.png\r
        3,Fish,ftp://a.example/4.png\r

        """

    @Test func `is worked on image by image, and each tells its end`() async throws {
        try await Site.with(fetching: Self.served) { site async throws in
            let reply = try await Self.submit(to: site, Self.csv, fields: ["Host": "img.example"])
            #expect(reply.status == 202 && reply.json["total"] == 4, "\(reply.text)")
            let id = try #require(reply.json["request_id"].text)
            #expect(reply.json["batch_id"].text == id && reply["location"] == "/status/\(id)")
            let status = try await site.get("/status/\(id)?wait=50")
            #expect(status.json["status"] == "complete" && status.json["request_id"].text == id, "\(status.text)")
            #expect(status.json["total"] == 4 && status.json["done"] == 2 && status.json["failed"] == 2)
            let images = status.json["images"]
            #expect(images.count == 4)
            #expect(images[0]["product_name"] == "Cat, grey" && images[0]["input"] == "https://a.example/1.png")
            #expect(images[0]["status"] == "complete" && images[0]["error"] == .null)
            let output = try #require(images[0]["output"].text)
            #expect(output.hasPrefix("http://img.example/download/"))
            #expect(try await site.get(String(output.dropFirst("http://img.example".count))).status == 200)
            #expect(images[2]["status"] == "failed" && images[2]["error"].text?.contains("404") == true)
            #expect(images[3]["status"] == "failed" && images[3]["error"].text?.hasPrefix("line 4: ") == true)

            let report = try await Self.report(of: id, at: site)
            let lines = report.components(separatedBy: "\r\n")
            #expect(lines[0] == "serial_number,product_name,input_url,output_url,status,error")
            #expect(lines[1] == #"1,"Cat, grey",https://a.example/1.png,\#(output),complete,"#)
            // A spreadsheet would run what begins so.
            #expect(lines[3].hasPrefix(#"2,"'=Dog",https://a.example/3.png,,failed,"#), "\(lines[3])")
            #expect(lines.count == 5)
        }
    }

    private static func report(of id: String, at site: Site) async throws -> String {
        let text = try await Wire.open(site.port) { wire async throws in
            try await wire.send(Site.head("GET", "/batches/\(id).csv", ["Connection": "close"], length: 0))
            return try await wire.rest()
        }
        #expect(text.hasPrefix("HTTP/1.1 200") && text.lowercased().contains("content-type: text/csv"))
        // Without the lines that say how long each piece is.
        let body = try #require(text.split(separator: "\r\n\r\n", maxSplits: 1).last)
        return body.components(separatedBy: "\r\n").filter { Int($0, radix: 16) == nil || $0.isEmpty }
            .joined(separator: "\r\n").replacing("\r\n\r\n", with: "\r\n").trimmingCharacters(in: .newlines)
    }

    @Test func `makes what is asked for beside it, else smaller pictures`() async throws {
        try await Site.with(working: false) { site async throws in
            let csv = "url\nhttps://a.example/1.png\n"
            for (form, steps) in [
                ([], ["compress"]),
                (
                    [Part.field("transformations", "resize:4x3,grayscale"), .field("priority", "low")],
                    ["resize", "grayscale"]
                ),
            ] {
                let id = try #require(try await Self.submit(to: site, csv, form, path: "/upload").json["batch_id"].text)
                let image = try await site.get("/status/\(id)").json["images"][0]
                #expect(image["status"] == "pending" && image["output"] == .null)
                let job = try await site.get("/status/\(image["job_id"].text ?? "")").json
                #expect(job["batch_id"].text == id)
                #expect((0..<steps.count).map { job["operations"][$0]["type"].text } == steps)
                #expect(job["priority"] == (steps.count == 2 ? "low" : "normal"))
            }
        }
    }

    @Test(arguments: [
        ("", "empty_file"), ("url\n", "unusable_batch"), ("name\nx\n", "unusable_batch"),
        ("product_name\turl\nx\thttps://a.example/\n", "unusable_batch"),
        ("https://a.example/1.png\n", "unusable_batch"), ("url\nftp://a.example\nnone\n", "unusable_batch"),
        ("url\n" + String(repeating: "https://a.example/1.png\n", count: 6), "too_many_rows"),
    ])
    func `that cannot be used is refused, and leaves nothing`(_ csv: String, _ code: String) async throws {
        try await Site.with(working: false) {
            $0.maxBatchRows = 5
        } _: { site async throws in
            let reply = try await Self.submit(to: site, csv)
            #expect(reply.status == 422 && reply.code == code && reply.json["parameter"] == "file", "\(reply.text)")
            #expect(try await site.get("/jobs").json["jobs"].count == 0)
        }
    }

    @Test func `does not go with pictures, or with another CSV`() async throws {
        try await Site.with(working: false) { site async throws in
            let csv = "url\nhttps://a.example/1.png\n"
            for other in [Part.file("a.png", Pictures.png(width: 2, height: 2)), .file("b.csv", Array(csv.utf8))] {
                let reply = try await Self.submit(to: site, csv, [other])
                #expect(reply.status == 422 && reply.code == "too_many_parts", "\(reply.text)")
            }
            let picture = try await site.upload(
                .file("a.png", Pictures.png(width: 2, height: 2)), .field("transformations", "flip"))
            #expect(picture.status == 422 && picture.code == "unknown_parameter")
            #expect(try site.keptFiles() == 0)
        }
    }

    @Test func `sent twice under one key is one batch`() async throws {
        try await Site.with(working: false) { site async throws in
            let key = ["Idempotency-Key": "k"]
            let csv = "url\nhttps://a.example/1.png\n"
            let first = try await Self.submit(to: site, csv, fields: key)
            let second = try await Self.submit(to: site, csv, fields: key)
            #expect(second.json["batch_id"] == first.json["batch_id"] && second["idempotency-replayed"] == "true")
            #expect(try await site.get("/jobs").json["jobs"].count == 1)
            let other = try await Self.submit(to: site, csv, [.field("transformations", "flip")], fields: key)
            #expect(other.status == 422 && other.code == "idempotency_key_reused")
        }
    }

    @Test func `of many images is shown in pages`() async throws {
        try await Site.with(working: false) { site async throws in
            let urls = (1...5).map { "https://a.example/\($0).png" }
            let id = try #require(
                try await Self.submit(to: site, "url\n" + urls.joined(separator: "\n")).json["batch_id"].text)
            var (inputs, cursor): ([String], String) = ([], "0")
            while true {
                let page = try await site.get("/status/\(id)?limit=2&cursor=\(cursor)").json
                inputs += (0..<page["images"].count).compactMap { page["images"][$0]["input"].text }
                guard let next = page["next_cursor"].text else { break }
                cursor = next
            }
            #expect(inputs == urls)
        }
    }

    @Test func `that is not there has no report`() async throws {
        try await Site.with(working: false) { site async throws in
            #expect(try await site.get("/batches/018f0000-0000-7000-8000-000000000000.csv").status == 404)
            #expect(try await site.get("/batches/018f0000-0000-7000-8000-000000000000").status == 404)
        }
    }
}
