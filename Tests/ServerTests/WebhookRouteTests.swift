import Imaging
import Jobs
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `Webhooks over HTTP` {
    private static let csv = Part.file("a.csv", Array("url\nhttps://shop.example/1.png\n".utf8))

    /// Every request that makes a job, with a webhook's URL.
    private static func requests(_ url: String, to site: Site) async throws -> [Reply] {
        let file = try await site.uploadedPicture()
        return [
            try await site.post("/process/\(file)", json: #"{"operation":"flip","webhook_url":"\#(url)"}"#),
            try await site.ask("POST", "/process/\(file)?operation=flop&webhook_url=\(url)"),
            try await site.post(
                "/api/v1/images/process",
                json: #"{"imageUrl":"https://shop.example/1.png","transformations":[],"webhook_url":"\#(url)"}"#),
            try await site.upload(csv, .field("webhook_url", url)),
            try await site.ask(
                "POST", "/submit", ["Content-Type": Part.contentType],
                body: Part.body([.file("a.png", Pictures.png(width: 3, height: 2)), .field("webhook_url", url)])),
        ]
    }

    @Test func `go to whom a request names, whatever it asks for`() async throws {
        try await Site.with(working: false) { site in
            for reply in try await Self.requests("https://shop.example/hooks", to: site) {
                #expect(reply.status == 202, "\(reply.text)")
            }
            let jobs = try await site.intake.store.jobs(JobFilter(), after: nil, limit: 10)
            // Of a batch the batch alone is told of.
            #expect(jobs.count { $0.webhookURL == "https://shop.example/hooks" } == 4)
            let inBatch = try #require(jobs.first { $0.batch != nil })
            #expect(inBatch.webhookURL == nil)
            let batch = try await site.intake.store.batch(#require(inBatch.batch))
            #expect(batch.webhookURL == "https://shop.example/hooks")
        }
    }

    @Test(arguments: [
        "http://127.0.0.1/hooks", "https://[fd00:ec2::254]/", "https://shop.example:22/", "gopher://a.example/",
    ])
    func `go nowhere that pictures may not come from`(_ url: String) async throws {
        try await Site.with(working: false) { site in
            for reply in try await Self.requests(url, to: site) {
                #expect(reply.status == 422, "\(reply.text)")
                #expect(reply.json["code"].text == "forbidden_url" && reply.json["parameter"].text == "webhook_url")
            }
            #expect(try await site.intake.store.jobs(JobFilter(), after: nil, limit: 10).isEmpty)
        }
    }

    @Test func `are part of what an idempotency key stands for`() async throws {
        try await Site.with(working: false) { site in
            let file = try await site.uploadedPicture()
            func ask(_ url: String) async throws -> Reply {
                try await site.post(
                    "/process/\(file)", json: #"{"operation":"flip","webhook_url":\#(url)}"#, ["Idempotency-Key": "k"])
            }
            #expect(try await ask(#""https://a.example/""#).status == 202)
            #expect(try await ask(#""https://a.example/""#).json["job_id"].text != nil)
            #expect(try await ask(#""https://b.example/""#).json["code"].text == "idempotency_key_reused")
            #expect(try await ask("null").json["code"].text == "idempotency_key_reused")
            #expect(try await ask("4").json["code"].text == "invalid_parameter")
        }
    }

    @Test func `are listed, and keep the receiver's path to themselves`() async throws {
        try await Site.with(working: false) { site in
            let file = try await site.uploadedPicture()
            let reply = try await site.post(
                "/process/\(file)", json: #"{"operation":"flip","webhook_url":"https://a.example:443/secret?token=1"}"#)
            let job = try #require(reply.json["job_id"].text)
            #expect(try await site.ask("DELETE", "/jobs/\(job)").status == 200)
            let owed = try await site.intake.store.owedWebhooks(limit: 10)
            let id = JobID()
            try await site.intake.store.schedule(
                owed.map {
                    NewDelivery(
                        of: $0,
                        as: Job(
                            id: id, source: .url($0.webhookURL ?? ""),
                            task: .deliver(Delivery(subject: $0.subject, body: WebhookBody.text(of: $0))),
                            cacheKey: CacheKey(alone: id), publicURL: "", createdAt: .now))
                })
            let list = try await site.get("/jobs?kind=webhook")
            #expect(list.json["jobs"][0]["job_id"].text == "\(id)" && list.json["jobs"][0]["kind"].text == "webhook")
            #expect(list.json["jobs"][0]["delivers"]["job_id"].text == job)
            #expect(list.json["jobs"][0]["receiver"].text == "https://a.example")
            #expect(!list.text.contains("secret"))
            #expect(try await site.get("/jobs?kind=process").json["jobs"][0]["job_id"].text == job)
            #expect(try await site.get("/jobs?kind=describe").json["jobs"].count == 0)
            #expect(try await site.get("/jobs?kind=letter").json["parameter"].text == "kind")
            #expect(try await site.get("/result/\(id)").status == 404)
            // What was to be told is the status, as it was.
            guard case .deliver(let delivery) = try await site.intake.store.job(id).task else { return }
            let status = try await site.get("/status/\(job)").text
            #expect(delivery.body == status)
        }
    }

    // MARK: Receiving

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let body = #"{"job_id":"1"}"#

    private static func signed(with text: String, at time: Timestamp = .now) throws -> [String: String] {
        WebhookSignature.fields(
            id: "msg-1", body: Array(body.utf8), secrets: [try WebhookSecret(text)], now: time)
    }

    @Test func `are taken with a signature that fits, and refused with another`() async throws {
        let secrets = [try WebhookSecret(Self.secret)]
        try await Site.with(working: false) {
            $0.webhookSecrets = secrets
        } _: { site async throws in
            let fields = try Self.signed(with: Self.secret)
            for path in ["/webhook/", "/webhook"] {
                let reply = try await site.post(path, json: Self.body, fields)
                #expect(reply.status == 204, "\(reply.text)")
            }
            let changed = try await site.post("/webhook/", json: Self.body + " ", fields)
            #expect(changed.status == 401 && changed.json["code"].text == "unverified_webhook")
            let unsigned = try await site.post("/webhook/", json: Self.body)
            #expect(unsigned.status == 401)
            let old = try await site.post(
                "/webhook/", json: Self.body, Self.signed(with: Self.secret, at: .now - .seconds(301)))
            #expect(old.status == 401)

            let list = try await site.get("/webhook")
            let received = list.json["received"]
            #expect(received.count == 5)
            #expect(received[4]["verified"] == .bool(true) && received[4]["webhook_id"].text == "msg-1")
            #expect(received[4]["body"].text == Self.body)
            #expect(received[0]["verified"] == .bool(false) && received[0]["error"].text?.contains("past") == true)
        }
    }

    @Test func `are taken unverified where there is no secret, and the last hundred are remembered`() async throws {
        try await Site.with(working: false) { site in
            for number in 1...101 {
                #expect(try await site.post("/webhook/", json: "\(number)").status == 204)
            }
            let received = try await site.get("/webhook").json["received"]
            #expect(received.count == 100)
            #expect(received[0]["body"].text == "101" && received[99]["body"].text == "2")
            #expect(received[0]["verified"] == .bool(false))
            let large = String(repeating: " ", count: 1 << 17)
            #expect(try await site.post("/webhook/", json: large).status == 413)
        }
    }

    @Test func `that came are shown to operators alone`() async throws {
        try await Site.with(working: false) {
            $0.adminToken = "letmein"
        } _: { site async throws in
            #expect(try await site.get("/webhook").status == 401)
            #expect(try await site.get("/webhook", ["Authorization": "Bearer letmein"]).status == 200)
            #expect(try await site.post("/webhook", json: "{}").status == 204)
        }
    }
}
