import Foundation
import TestServers
import Testing

// Not beside the other tests of a fleet: a service takes whatever job it finds in a store that they share.
extension `A fleet` {
    private static let stores = [
        nil, Pairing(store: "postgresql", queue: nil, storage: nil), Pairing(store: "mysql", queue: nil, storage: nil),
        Pairing(store: "redis", queue: nil, storage: nil),
    ]

    /// A picture that one service gives out is fetched by another.
    @Test(arguments: stores)
    func `keeps every contract on each store`(_ pairing: Pairing?) async throws {
        try await Program.withFolder { folder in
            let places = ["gallery", "service"].map { folder.appendingPathComponent($0) }
            for place in places {
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            }
            let gallery = try await ServiceProcess(in: places[0])
            let shown = try await Self.picture(in: Client(base: gallery.url))
            var environment = try pairing?.environment(in: folder) ?? [:]
            environment["FETCH_ALLOW_NETWORKS"] = "127.0.0.0/8"
            environment["FETCH_ALLOWED_PORTS"] = gallery.url.port.map { "\($0)" }
            let service = try await ServiceProcess(in: places[1], environment: environment)
            let client = Client(base: service.url)
            try await Self.describe(with: client)
            try await Self.develop(shown, with: client)
            try await Self.work(onCSVOf: shown, with: client)
            #expect(await service.stop() == 0)
            #expect(await gallery.stop() == 0)
        }
    }

    /// The URL of a picture, different each time.
    private static func picture(in gallery: Client) async throws -> String {
        let bytes = Picture.bmp(width: 64, height: 48, seed: UInt32.random(in: 0...UInt32.max))
        let file = try await gallery.upload(bytes, named: "a.bmp")
        let job = try await gallery.post("/process/\(file["file_id"] ?? "")", json: #"{"operation":"flip"}"#)
        let id = try #require(job["job_id"])
        #expect(try await gallery.final(id)["status"] == "done")
        return gallery.base.absoluteString + "/download/\(id)"
    }

    private static func describe(with client: Client) async throws {
        let bytes = Picture.bmp(width: 40, height: 30, seed: UInt32.random(in: 0...UInt32.max))
        let job = try await client.upload(bytes, named: "a.bmp", to: "/submit")
        #expect(job.status == 202, "\(job.text)")
        let id = try #require(job["job_id"])
        #expect(try await client.final(id)["status"] == "done")
        let result = try await client.get("/result/\(id)")
        #expect(result["description"]?.contains("- Dimensions: 40x30 pixels") == true, "\(result.text)")
        #expect(result["_generated_by"] == "vision-node-gpt")
    }

    private static func develop(_ url: String, with client: Client) async throws {
        let job = try await client.post(
            "/api/v1/images/process", json: #"{"imageUrl":"\#(url)","transformations":["resize:8x6","grayscale"]}"#)
        let id = try #require(job["jobId"], "\(job.text)")
        _ = try await client.final(id)
        let status = try await client.get("/api/v1/images/jobs/\(id)")
        #expect(status["status"] == "COMPLETED", "\(status.text)")
        let result = try #require(status["resultUrl"])
        #expect(try await client.get(String(result.dropFirst(client.base.absoluteString.count))).status == 200)
    }

    private static func work(onCSVOf url: String, with client: Client) async throws {
        let csv = """
            S. No.,Product Name,Input Image Urls
            1,Cat,"\(url), \(url)?disposition=attachment"
            2,Dog,\(url)
            3,Fish,http://169.254.169.254/latest/meta-data

            """
        let batch = try await client.upload(Data(csv.utf8), named: "products.csv", to: "/upload/")
        let id = try #require(batch["request_id"], "\(batch.text)")
        let status = try await client.get("/status/\(id)?wait=30")
        #expect(status["status"] == "complete", "\(status.text)")
        #expect(status.json["total"] as? Int == 4 && status.json["done"] as? Int == 3)
        let report = try await client.get("/batches/\(id).csv")
        #expect(report.text.components(separatedBy: "\r\n").count == 6, "\(report.text)")
        // The second picture is another URL, the third the first one again.
        let jobs = try await client.get("/jobs?batch_id=\(id)")
        let cached = (jobs.json["jobs"] as? [[String: Any]])?.filter { $0["cached"] as? Bool == true }
        #expect(cached?.count == 1, "\(jobs.text)")
    }
}
