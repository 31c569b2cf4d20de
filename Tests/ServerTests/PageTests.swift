import Foundation
import Imaging
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `A page` {
    /// The folder that the page names for its parts.
    private static func folder(_ site: Site) async throws -> String {
        let page = try await site.get("/ui").text
        let start = try #require(page.range(of: "/ui/assets/"))
        let path = page[start.lowerBound...].prefix { $0 != "\"" }
        return path[...(try #require(path.lastIndex(of: "/")))].description
    }

    @Test func `is where browsers are led`() async throws {
        try await Site.with { site async throws in
            let answer = try await site.get("/", ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"])
            #expect(answer.status == 303 && answer["location"] == "/ui" && answer["vary"] == "Accept")
            #expect(try await site.get("/", ["Accept": "*/*"]).json["service"] == "tintype")
        }
    }

    @Test(arguments: [
        ("TEXT/HTML", 303), ("text/html;q=0.1", 303), ("application/json, text/html", 303), ("text/html;q=0", 200),
        ("application/json, text/html;q=0.1", 200), ("text/html;q=0.5, */*;q=0.8", 200), ("text/htmlx", 200),
    ])
    func `is where those are led who want nothing else more`(_ accepted: String, _ status: Int) async throws {
        try await Site.with(working: false) { site async throws in
            #expect(try await site.get("/", ["Accept": accepted]).status == status)
        }
    }

    @Test func `lets nothing but its own parts run`() async throws {
        try await Site.with { site async throws in
            let page = try await site.get("/ui")
            #expect(page["content-type"] == "text/html; charset=utf-8" && !page.text.contains("{{"))
            let policy = try #require(page["content-security-policy"])
            #expect(policy.contains("default-src 'none'; script-src 'self'; style-src 'self'"))
            #expect(!policy.contains("unsafe"))
            #expect(page["cache-control"] == "no-cache")
        }
    }

    @Test func `names its parts by what they hold, so that they may be kept`() async throws {
        try await Site.with { site async throws in
            let folder = try await Self.folder(site)
            let part = try await site.get("\(folder)app.js")
            #expect(part.status == 200 && part["content-type"] == "text/javascript; charset=utf-8")
            #expect(part["cache-control"] == "public, max-age=31536000, immutable")
            #expect(try await site.get("\(folder)ui.css")["content-type"] == "text/css; charset=utf-8")
            #expect(try await site.get("\(folder)app.exe").status == 404)
            // A page that another version gave out.
            let other = try await site.get("/ui/assets/0011223344556677/app.js")
            #expect(other.body == part.body && other["cache-control"] == "no-cache")
        }
    }

    @Test(arguments: [("gzip", true), ("br, gzip;q=0.5", true), ("gzip;q=0.000", false), ("br", false), ("", false)])
    func `is packed for those who can unpack it`(_ accepted: String, _ isPacked: Bool) async throws {
        try await Site.with { site async throws in
            let path = "\(try await Self.folder(site))ui.css"
            let answer = try await site.get(path, ["Accept-Encoding": accepted])
            #expect((answer["content-encoding"] == "gzip") == isPacked && answer["vary"] == "Accept-Encoding")
            // RFC 1952, section 2.3.1.
            #expect(answer.body.starts(with: [0x1F, 0x8B]) == isPacked)
            let plain = try await site.get(path)
            // Other bytes have another tag (RFC 9110, section 8.8.3), and each is known again.
            #expect((answer["etag"] == plain["etag"]) != isPacked)
            let tag = try #require(answer["etag"])
            let again = try await site.get(path, ["Accept-Encoding": accepted, "If-None-Match": tag])
            #expect(again.status == 304 && again.body.isEmpty && again["etag"] == tag)
            #expect(isPacked ? answer.body.count * 2 < plain.body.count : answer.body == plain.body)
        }
    }
}
