import Foundation
import Imaging
import Jobs
import NIOCore
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `The status of jobs` {
    private static func submit(to site: Site) async throws -> String {
        let reply = try await site.post("/process/\(site.uploadedPicture())", json: #"{"operation":"flip"}"#)
        return try #require(reply.json["job_id"].text)
    }

    @Test func `of many is had at once, in the order they were asked for`() async throws {
        try await Site.with(working: false) { site async throws in
            let job = try await Self.submit(to: site)
            let unknown = "018f0000-0000-7000-8000-000000000000"
            let reply = try await site.get("/status?ids=\(unknown),\(job)")
            #expect(reply.status == 200)
            #expect(reply.json["jobs"].count == 2)
            #expect(reply.json["jobs"][0]["job_id"].text == unknown)
            #expect(reply.json["jobs"][0]["error"]["code"] == "not_found")
            #expect(reply.json["jobs"][1] == (try await site.get("/status/\(job)").json))
        }
    }

    @Test(arguments: ["", "?ids=", "?ids=a", "?ids=018f0000-0000-7000-8000-000000000000,"])
    func `of nobody is refused`(_ query: String) async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.get("/status\(query)")
            #expect(reply.status == 422 && reply.json["parameter"] == "ids", "\(reply.text)")
        }
    }

    /// Reads events until the server ends the answer.
    private static func events(of job: String, at site: Site, _ fields: [String: String] = [:]) async throws -> String {
        try await Wire.open(site.port) { wire async throws in
            try await wire.send(
                Site.head("GET", "/status/\(job)/events", fields.merging(["Connection": "close"]) { $1 }, length: 0))
            return try await wire.rest()
        }
    }

    @Test func `comes as an event for each change, and ends with the last`() async throws {
        try await Site.with { site async throws in
            let job = try await Self.submit(to: site)
            let text = try await Self.events(of: job, at: site)
            #expect(text.hasPrefix("HTTP/1.1 200") && text.lowercased().contains("content-type: text/event-stream"))
            #expect(text.contains("event: status\nid: "))
            #expect(text.contains(#""status":"done""#), "\(text)")
            // Chunked, and ended as it should be.
            #expect(text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `comes as it changes`() async throws {
        try await Site.with(working: false) { site async throws in
            let job = try await Self.submit(to: site)
            let text = try await Wire.open(site.port) { wire async throws in
                try await wire.send(Site.head("GET", "/status/\(job)/events", ["Connection": "close"], length: 0))
                let first = try await wire.text(until: #""status":"queued""#)
                _ = try await site.ask("DELETE", "/jobs/\(job)")
                return try await first + wire.rest()
            }
            #expect(text.components(separatedBy: "event: status").count == 3, "\(text)")
            #expect(text.contains(#""status":"canceled""#) && text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `is known to be on its way while nothing changes`() async throws {
        try await Site.with(working: false) { site async throws in
            let job = try #require(JobID(try await Self.submit(to: site)))
            let events = StatusEvents(of: job, in: site.intake, after: nil, quiet: .milliseconds(50))
            #expect(try await events.next().map { String(buffer: $0) }?.hasPrefix("event: status") == true)
            #expect(try await events.next().map { String(buffer: $0) } == ": still queued\n\n")
        }
    }

    @Test func `of a batch comes as events, too`() async throws {
        try await Site.with { site async throws in
            let csv = "url\nhttps://a.example/1.png\nhttps://a.example/2.png\n"
            let batch = try await site.upload(.file("a.csv", Array(csv.utf8)))
            let text = try await Self.events(of: batch.json["batch_id"].text ?? "", at: site)
            #expect(text.hasPrefix("HTTP/1.1 200") && text.contains(#""status":"complete""#), "\(text)")
        }
    }

    @Test func `reaches a client of HTTP 1.0 without chunks`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            let text = try await Wire.open(site.port) { wire async throws in
                try await wire.send("GET /status/\(job)/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return try await wire.rest()
            }
            #expect(!text.lowercased().contains("chunked") && text.contains("\r\n\r\nevent: status"), "\(text)")
        }
    }

    @Test func `is not said again to who has seen it`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            let text = try await Self.events(of: job, at: site)
            let id = try #require(text.split(separator: "id: ", maxSplits: 1).last?.prefix { $0 != "\n" })
            let again = try await Self.events(of: job, at: site, ["Last-Event-ID": String(id)])
            #expect(again.hasPrefix("HTTP/1.1 204"))
        }
    }

    @Test func `of a job that is not there is no stream`() async throws {
        try await Site.with(working: false) { site async throws in
            let reply = try await site.get("/status/018f0000-0000-7000-8000-000000000000/events")
            #expect(reply.status == 404)
        }
    }
}
