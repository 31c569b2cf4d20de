import Imaging
import Logging
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `An upload` {
    @Test func `is taken in, and recognised when it comes again`() async throws {
        try await Site.with(working: false) { site async throws in
            let picture = Pictures.png(width: 8, height: 6)
            let reply = try await site.upload(.file("cat.png", picture))
            #expect(reply.status == 201)
            let file = reply.json
            #expect(file["filename"] == "cat.png" && file["content_type"] == "image/png" && file["format"] == "png")
            #expect(file["width"] == 8 && file["height"] == 6 && file["size"] == .number(Double(picture.count)))
            #expect(file["duplicate"] == false && file["file_id"].text?.utf8.count == 36)
            #expect(file["sha256"].text?.utf8.count == 64 && file["created_at"].text?.hasSuffix("Z") == true)

            let again = try await site.upload(.file("cat.png", picture))
            #expect(again.json["duplicate"] == true && again.json["file_id"] != file["file_id"])
            #expect(again.json["sha256"] == file["sha256"])
        }
    }

    @Test func `may bring several files`() async throws {
        try await Site.with(working: false) { site async throws in
            let parts = (1...16).map { Part.file("\($0).png", Pictures.png(width: $0, height: 1)) }
            let reply = try await site.upload(parts)
            #expect(reply.status == 201)
            #expect(reply.json["files"].count == 16)
            #expect((0..<16).allSatisfy { reply.json["files"][$0]["width"] == .number(Double($0 + 1)) })
        }
    }

    @Test func `is taken whole or not at all`() async throws {
        try await Site.with(working: false) { site async throws in
            let good = Part.file("a.png", Pictures.png(width: 2, height: 2))
            let reply = try await site.upload(good, .file("b.png", Array("no picture".utf8)), good)
            #expect(reply.status == 415)
            #expect(try await site.get("/list").json["files"] == [])
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let parts: [Part]
        let status: Int
        let code: String

        init(_ name: String, _ parts: [Part], _ status: Int, _ code: String) {
            (testDescription, self.parts, self.status, self.code) = (name, parts, status, code)
        }
    }

    private static let png = Pictures.png(width: 4, height: 4)

    @Test(arguments: [
        Bad("no part", [], 422, "missing_file"),
        Bad("another field", [.field("title", "x")], 422, "unknown_parameter"),
        Bad("a file in another field", [.file("a.png", png, field: "image")], 422, "unknown_parameter"),
        Bad("17 parts", (0..<17).map { .file("\($0).png", png) }, 422, "too_many_parts"),
        Bad("an empty file", [.file("a.png", [])], 422, "empty_file"),
        Bad("a 1-byte file", [.file("a.png", [0x89])], 415, "unsupported_media_type"),
        Bad("a text named .jpg", [.file("a.jpg", Array("hello".utf8))], 415, "unsupported_media_type"),
        Bad("a PNG named .jpg", [.file("a.jpg", png)], 415, "unsupported_media_type"),
        Bad("a program", [.file("a.exe", png)], 415, "unsupported_media_type"),
        Bad("a picture named .csv", [.file("a.csv", png)], 422, "unusable_batch"),
        Bad("a text without an extension", [.file("a", Array("hello".utf8))], 415, "unsupported_media_type"),
        Bad(
            "a PNG that declares 60000×60000",
            [.file("a.png", Pictures.png(width: 4, height: 4, declaring: (60000, 60000)))], 422, "too_many_pixels"),
        Bad("a PNG cut off in its header", [.file("a.png", Array(png.prefix(20)))], 422, "undecodable_image"),
    ])
    func `that will not do is refused, and leaves nothing`(_ bad: Bad) async throws {
        try await Site.with(working: false) { site async throws in
            let before = try site.keptFiles()
            let reply = try await site.upload(bad.parts)
            #expect(reply.status == bad.status && reply.code == bad.code, "\(reply.status) \(reply.text)")
            #expect(try site.keptFiles() == before)
            #expect(try await site.get("/list").json["files"] == [])
        }
    }

    @Test func `says what is allowed`() async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.upload(.file("a.pdf", [1]))
            #expect(reply.json["detail"].text?.contains("jpg, jpeg, png, gif, bmp, tif, tiff, webp") == true)
        }
    }

    @Test(arguments: [
        ("", "", 415, "unsupported_media_type"), ("application/json", "{}", 415, "unsupported_media_type"),
        ("multipart/form-data", "x", 400, "malformed_multipart"),
        ("multipart/form-data; boundary=\(String(repeating: "b", count: 71))", "x", 400, "malformed_multipart"),
        ("multipart/form-data; boundary=b", "", 400, "malformed_multipart"),
        ("multipart/form-data; boundary=b", "nothing of the kind", 400, "malformed_multipart"),
        ("multipart/form-data; boundary=b", "--b\r\nnonsense\r\n\r\nx\r\n--b--", 400, "malformed_multipart"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=file; filename=a.png\r\n\r\nx",
            400, "malformed_multipart"
        ),
        ("multipart/form-data; boundary=b", "--b--", 422, "missing_file"),
    ])
    func `of a malformed body is refused, and leaves nothing`(
        _ type: String, _ body: String, _ status: Int, _ code: String
    ) async throws {
        try await Site.with(working: false) { site async throws in
            let before = try site.keptFiles()
            let fields = type.isEmpty ? [:] : ["Content-Type": type]
            let reply = try await site.ask("POST", "/upload/", fields, body: Array(body.utf8))
            #expect(reply.status == status && reply.code == code, "\(reply.status) \(reply.text)")
            #expect(try site.keptFiles() == before)
        }
    }

    @Test(arguments: [
        ("../../../etc/passwd.png", "passwd.png"), ("a\u{0}b.png", "ab.png"), ("🐈‍⬛ 猫.png", "🐈‍⬛ 猫.png"),
        (String(repeating: "x", count: 4092) + ".png", String(repeating: "x", count: 251) + ".png"),
        ("<script>alert(1)</script>.png", "script>.png"),
    ])
    func `may have any name, which is never a path`(_ name: String, _ kept: String) async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.upload(.file(name, Self.png))
            #expect(reply.status == 201 && reply.json["filename"].text == kept, "\(reply.text)")
        }
    }

    @Test func `over the limit is cut off while it arrives`() async throws {
        try await Site.with(working: false) { site async throws in
            let before = try site.keptFiles()
            try await Wire.open(site.port) { wire async throws in
                // A gigabyte is announced; hardly more than the limit of 1 MiB is ever sent.
                let begin = "--b\r\n\(Part.file("a.png", []).header)\r\n\r\n"
                try await wire.send(
                    "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n")
                try await wire.send(String(begin.utf8.count, radix: 16) + "\r\n" + begin + "\r\n")
                let piece = [UInt8](repeating: 1, count: 1 << 16)
                for _ in 0..<17 { try await wire.send(Array("10000\r\n".utf8) + piece + [13, 10]) }
                let reply = try await wire.reply()
                #expect(reply.status == 413 && reply.code == "file_too_large")
                #expect(reply["connection"] == "close")
            }
            #expect(try site.keptFiles() == before)
        }
    }

    @Test func `gets its 413 though it goes on sending`() async throws {
        try await Site.with(working: false) { site async throws in
            let body = Part.body([.file("a.png", [UInt8](repeating: 1, count: 8 << 20))])
            let reply = try await site.ask("POST", "/upload", ["Content-Type": Part.contentType], body: body)
            #expect(reply.status == 413 && reply.code == "file_too_large")
        }
    }

    @Test func `of exactly the limit is taken, and of one byte more is not`() async throws {
        let picture = Self.png
        try await Site.with(working: false) {
            $0.maxFileSize = picture.count
        } _: { site async throws in
            #expect(try await site.upload(.file("a.png", picture)).status == 201)
            #expect(try await site.upload(.file("a.png", picture + [0])).status == 413)
        }
    }

    @Test func `that announces more than can be allowed is refused unread`() async throws {
        try await Site.with(working: false) { site async throws in
            try await Wire.open(site.port) { wire async throws in
                try await wire.send(
                    "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                        + "Content-Length: 9999999999\r\n\r\n")
                #expect(try await wire.reply().status == 413)
            }
        }
    }

    @Test func `is told to go on where it asks`() async throws {
        try await Site.with(working: false) { site async throws in
            let body = Part.body([.file("a.png", Self.png)])
            try await Wire.open(site.port) { wire async throws in
                try await wire.send(
                    Site.head(
                        "POST", "/upload", ["Content-Type": Part.contentType, "Expect": "100-continue"],
                        length: body.count))
                #expect(try await wire.reply(bodiless: true).status == 100)
                try await wire.send(body)
                #expect(try await wire.reply().status == 201)
            }
        }
    }

    @Test func `that breaks off leaves nothing`() async throws {
        try await Site.with(working: false) { site async throws in
            let before = try site.keptFiles()
            let body = Part.body([.file("a.png", [UInt8](repeating: 1, count: 500_000))])
            try await Wire.open(site.port) { wire async throws in
                try await wire.send(
                    Site.head("POST", "/upload", ["Content-Type": Part.contentType], length: body.count))
                try await wire.send(Array(body.prefix(400_000)))
                // The server has begun to write before the client goes.
                while try site.keptFiles() == before { await Task.yield() }
            }
            // The line of the log is the last thing that happens to a request.
            while !site.log.all.contains(where: { $0.metadata["route"] == "/upload" }) { await Task.yield() }
            #expect(try site.keptFiles() == before)
            #expect(try await site.get("/list").json["files"] == [])
        }
    }
}
