import Foundation
import HTTPTypes
import Imaging
import Logging
import NIOCore
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `The API description` {
    @Test func `tells every route with what it takes and answers`() async throws {
        try await Site.with(working: false) { site async throws in
            let document = Document(try await site.get("/openapi.json").json)
            let routes = HTTPServer.resources(
                settings: ServerSettings(port: 0, maxFileSize: 1, version: "1"), intake: site.intake,
                readiness: site.readiness, metrics: PrometheusRegistry(), logger: Logger(label: "test")
            ).flatMap(\.routes)
            for route in routes {
                let about = route.description
                let operation = document.root["paths"][route.template][route.method.rawValue.lowercased()]
                #expect(operation["operationId"].text == about.name, "\(route.template)")
                #expect(operation["security"] == (route.audience == .operators ? [["operator": []]] : .null))
                #expect(!about.summary.isEmpty && !about.answers.isEmpty, "\(about.name)")
                let inPath = route.template.matches(of: /\{\w+\}/).map { $0.output }
                #expect(about.parameters.filter { $0.place == .path }.map { "{\($0.name)}"[...] } == inPath)
                for parameter in about.parameters {
                    #expect(!parameter.summary.isEmpty, "\(about.name) \(parameter.name)")
                }
            }
            #expect(Set(routes.map(\.description.name)).count == routes.count)
        }
    }

    @Test func `tells every operation of the engine with its ranges and defaults`() async throws {
        try await Site.with(working: false) { site async throws in
            let document = Document(try await site.get("/openapi.json").json)
            for specification in Catalog.elements.map({ $0.specification }) {
                var arguments: [String: JSONValue] = ["type": .string(specification.name)]
                for parameter in specification.parameters where parameter.isRequired || parameter.defaultValue != nil {
                    let fits: JSONValue =
                        switch parameter.kind {
                        case .integer(let range): .number(Double(range.upperBound))
                        case .integers(let values): .number(Double(values[0]))
                        case .choice(let words): .string(words[0])
                        case .color: "#336699"
                        case .file: "01989c6f-5d3a-7c1e-9b52-0f4d6a8e2b71"
                        default: parameter.defaultValue ?? .null
                        }
                    arguments[parameter.name] = fits
                }
                let step = document.reference("Step")
                #expect(document.problems(of: .object(arguments), for: step) == [], "\(specification.name)")
                for parameter in specification.parameters {
                    var wrong = arguments
                    switch parameter.kind {
                    case .integer(let range): wrong[parameter.name] = .number(Double(range.upperBound + 1))
                    case .number(let range): wrong[parameter.name] = .number(range.upperBound + 0.1)
                    default: wrong[parameter.name] = ["no", "list"]
                    }
                    #expect(document.problems(of: .object(wrong), for: step) != [], "\(parameter.name)")
                }
            }
            let resize = document.root["components"]["schemas"]["ResizeStep"]["properties"]
            #expect(
                resize["fit"]["default"] == "cover" && resize["width"]["maximum"].number == Double(Size.longestSide))
        }
    }

    @Test func `tells every error code`() async throws {
        try await Site.with(working: false) { site async throws in
            let document = Document(try await site.get("/openapi.json").json)
            #expect(
                document.root["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
                    == .array(ProblemCode.allCases.map { .string($0.rawValue) }))
        }
    }

    @Test func `has examples that are as it says`() async throws {
        try await Site.with(working: false) { site async throws in
            let document = Document(try await site.get("/openapi.json").json)
            var count = 0
            document.root.visit { value in
                guard value["schema"] != .null else { return }
                let examples = value["examples"].members.values.map { $0["value"] } + [value["example"]]
                for example in examples where example != .null {
                    count += 1
                    let problems = document.problems(of: example, for: value["schema"])
                    #expect(problems == [], "\(example)")
                }
            }
            #expect(count > 50)
        }
    }

    @Test func `is kept, and asked for again by its tag`() async throws {
        try await Site.with(working: false) { site async throws in
            let first = try await site.get("/openapi.json")
            #expect(first.status == 200 && first["content-type"] == "application/json")
            let again = try await site.get("/openapi.json", ["If-None-Match": try #require(first["etag"])])
            #expect(again.status == 304 && again.body.isEmpty)
        }
    }

    @Test func `holds for what the service answers`() async throws {
        try await Site.with {
            $0.adminToken = "secret"
        } _: { site async throws in
            let document = Document(try await site.get("/openapi.json").json)
            let token = ["Authorization": "Bearer secret"]
            let file = try await site.uploadedPicture()
            let job = try await site.finishedJob(#"{"operations":[{"type":"resize","width":3},"blur:1"]}"#)
            let failed = try await site.post(
                "/process/\(file)", json: #"{"operation":"crop","x":900,"width":1,"height":1}"#, ["Prefer": "wait=9"])
            let picture = Pictures.png(width: 4, height: 4)
            let form = ["Content-Type": Part.contentType]
            let onePicture = Part.body([.file("a.png", picture)])
            let described = try await site.ask(
                "POST", "/submit", form.merging(["Prefer": "wait=9"]) { $1 }, body: onePicture)
            let image = try await site.post(
                "/api/v1/images/process", json: #"{"imageUrl":"http://shop.example/a.png","transformations":["flip"]}"#)
            let sheet = try await site.upload(
                .file("a.csv", Array("product_name,input_url\nLamp,http://shop.example/a.png\nBad,nowhere\n".utf8)))
            let keyless = try await site.ask(
                "POST", "/upload", form.merging(["Idempotency-Key": "no key"]) { $1 }, body: onePicture)
            #expect(keyless.status == 422 && keyless.json["parameter"] == "Idempotency-Key")
            let limited = try await site.get("/status/\(job)?limit=0")
            #expect(limited.status == 422 && limited.json["parameter"] == "limit")
            let worker = try #require(try await site.get("/health").json["workers"]["list"][0]["id"].text)
            let batch = try #require(sheet.json["batch_id"].text, "\(sheet.text)")
            let replies: [(String, String, Reply)] = [
                ("get", "/", try await site.get("/")),
                ("get", "/health", try await site.get("/health")),
                ("get", "/health/live", try await site.get("/health/live")),
                ("get", "/health/ready", try await site.get("/health/ready")),
                ("get", "/metrics", try await site.get("/metrics")),
                ("get", "/", try await site.get("/", ["Accept": "text/html,*/*"])),
                ("get", "/ui", try await site.get("/ui")),
                ("get", "/ui/assets/{version}/{name}", try await site.get("/ui/assets/1/app.js")),
                ("get", "/ui/assets/{version}/{name}", try await site.get("/ui/assets/1/app.exe")),
                ("get", "/monitor", try await site.get("/monitor")),
                (
                    "get", "/monitor/assets/{version}/{name}", try await site.get("/monitor/assets/1/monitor.js")
                ),
                ("get", "/docs", try await site.get("/docs")),
                ("get", "/docs/docs.css", try await site.get("/docs/docs.css")),
                ("get", "/docs/docs.js", try await site.get("/docs/docs.js")),
                ("post", "/upload", try await site.upload(.file("a.png", picture))),
                ("post", "/upload", try await site.upload(.file("a.png", picture), .file("b", picture))),
                ("post", "/upload", try await site.upload(.file("a.txt", picture))),
                ("post", "/process/{file_id}", failed),
                ("post", "/process/{file_id}", try await site.post("/process/\(file)?operation=grayscale", json: "")),
                ("post", "/process/{file_id}", try await site.post("/process/\(file)", json: #"{"operation":"dye"}"#)),
                ("get", "/preview/{file_id}", try await site.get("/preview/\(file)?transformations=grayscale&side=16")),
                ("get", "/preview/{file_id}", try await site.get("/preview/\(job)")),
                ("get", "/status/{id}", try await site.get("/status/\(job)")),
                ("get", "/status/{id}", try await site.get("/status/\(file)")),
                ("get", "/status/{id}", try await site.get("/status/\(batch)?wait=5")),
                ("get", "/status", try await site.get("/status?ids=\(job),\(file)")),
                ("get", "/status", try await site.get("/status")),
                ("get", "/status/{id}/events", try await site.get("/status/\(file)/events")),
                ("get", "/batches/{id}.csv", try await site.get("/batches/\(file).csv")),
                ("post", "/upload", sheet),
                ("post", "/upload", keyless),
                ("post", "/submit", described),
                ("post", "/submit", try await site.ask("POST", "/submit", form, body: onePicture)),
                ("get", "/result/{job_id}", try await site.get("/result/\(described.json["job_id"].text ?? "")")),
                ("get", "/status/{id}", try await site.get("/status/\(described.json["job_id"].text ?? "")")),
                ("post", "/api/v1/images/process", image),
                ("post", "/api/v1/images/process", try await site.post("/api/v1/images/process", json: "{}")),
                (
                    "get", "/api/v1/images/jobs/{jobId}",
                    try await site.get("/api/v1/images/jobs/\(image.json["jobId"].text ?? "")")
                ),
                ("get", "/status/{id}", try await site.get("/status/\(image.json["jobId"].text ?? "")?wait=5")),
                ("get", "/download/{id}", try await site.get("/download/\(job)")),
                ("get", "/download/{id}", try await site.get("/download/\(job)", ["Range": "bytes=0-9"])),
                ("get", "/download/{id}", try await site.get("/download/\(job)", ["Range": "bytes=999999-"])),
                ("get", "/list", try await site.get("/list?limit=1")),
                ("get", "/jobs", try await site.get("/jobs?status=done&batch_id=\(batch)")),
                ("delete", "/jobs/{id}", try await site.ask("DELETE", "/jobs/\(job)")),
                ("post", "/jobs/{id}/retry", try await site.ask("POST", "/jobs/\(job)/retry", token)),
                ("get", "/dead-letters", try await site.get("/dead-letters", token)),
                ("get", "/dead-letters", try await site.get("/dead-letters")),
                ("post", "/dead-letters/retry", try await site.ask("POST", "/dead-letters/retry", token)),
                ("get", "/jobs/{id}", try await site.get("/jobs/\(job)", token)),
                ("get", "/batches", try await site.get("/batches", token)),
                ("get", "/session", try await site.get("/session")),
                ("post", "/session", try await site.post("/session", json: #"{"token":"secret"}"#)),
                ("post", "/session", try await site.post("/session", json: #"{"token":"guess"}"#)),
                ("delete", "/session", try await site.ask("DELETE", "/session")),
                ("get", "/overview", try await site.get("/overview", token)),
                ("get", "/overview/events", try await site.get("/overview/events", token)),
                ("get", "/history", try await site.get("/history", token)),
                ("get", "/settings", try await site.get("/settings", token)),
                ("post", "/queue/pause", try await site.ask("POST", "/queue/pause", token)),
                ("post", "/queue/resume", try await site.ask("POST", "/queue/resume", token)),
                ("post", "/workers/{id}/drain", try await site.ask("POST", "/workers/\(worker)/drain", token)),
                ("post", "/workers/{id}/resume", try await site.ask("POST", "/workers/\(worker)/resume", token)),
                ("post", "/workers/{id}/resume", try await site.ask("POST", "/workers/\(file)/resume", token)),
                ("delete", "/dead-letters/{id}", try await site.ask("DELETE", "/dead-letters/\(job)", token)),
                ("delete", "/dead-letters", try await site.ask("DELETE", "/dead-letters", token)),
                ("post", "/webhook", try await site.post("/webhook/", json: "{}")),
                ("get", "/webhook", try await site.get("/webhook/", token)),
                ("delete", "/files/{file_id}", try await site.ask("DELETE", "/files/\(file)")),
            ]
            var seen: Set<String> = []
            for (method, template, reply) in replies {
                let label: Comment = "\(method) \(template) \(reply.status) \(reply.text.prefix(300))"
                let operation = document.root["paths"][template][method]
                seen.insert(operation["operationId"].text ?? "")
                let response = document.resolved(operation["responses"]["\(reply.status)"])
                try #require(response != .null, label)
                guard let type = reply["content-type"]?.split(separator: ";").first else { continue }
                let content = response["content"][String(type)]
                #expect(content != .null, label)
                if type.hasSuffix("json") {
                    #expect(document.problems(of: reply.json, for: content["schema"]) == [], label)
                }
            }
            let all = document.root["paths"].members.values.flatMap { $0.members.values.map { $0["operationId"].text } }
            #expect(Set(all).subtracting(seen) == ["getDescription"])
        }
    }
}

/// A description, and a small judge of values by its schemas: stricter than JSON Schema is, in that it knows no member of an
/// object that is not described.
private struct Document {
    let root: JSONValue

    init(_ root: JSONValue) { self.root = root }

    func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    func resolved(_ value: JSONValue) -> JSONValue {
        guard let path = value["$ref"].text else { return value }
        return resolved(path.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] })
    }

    /// What about a value is not as a schema says.
    func problems(of value: JSONValue, for given: JSONValue) -> [String] {
        let schema = resolved(given)
        guard case .object(let keywords) = schema else { return ["there is no schema \(given)"] }
        var found: [String] = []
        for (keyword, rule) in keywords {
            switch keyword {
            case "type": if !types(rule).contains(where: value.isOf) { found.append("\(value.brief) is no \(rule)") }
            case "const": if value != rule { found.append("\(value.brief) is not \(rule)") }
            case "enum": if !rule.items.contains(value) { found.append("\(value.brief) is none of \(rule)") }
            case "minimum":
                if let number = value.number, number < rule.number! { found.append("\(number) is too small") }
            case "maximum":
                if let number = value.number, number > rule.number! { found.append("\(number) is too large") }
            case "pattern":
                if let text = value.text, text.range(of: rule.text!, options: .regularExpression) == nil {
                    found.append("\(text) does not match \(rule)")
                }
            case "format":
                if rule == "uuid", let text = value.text, UUID(uuidString: text) == nil {
                    found.append("no id: \(text)")
                }
            case "items": found += value.items.flatMap { problems(of: $0, for: rule) }
            case "properties":
                for (name, member) in value.members {
                    if let rule = rule.members[name] {
                        found += problems(of: member, for: rule).map { "\(name): \($0)" }
                    } else if schema["type"] == "object" {
                        found.append("\(name) is not described")
                    }
                }
            case "required":
                found += rule.items.filter { value[$0.text!] == .null && value.members[$0.text!] == nil }
                    .map { "\($0) is missing" }
            case "anyOf":
                let each = rule.items.map { problems(of: value, for: $0) }
                if !each.contains([]) { found.append("none fits: \(each)") }
            case "allOf": found += rule.items.flatMap { problems(of: value, for: $0) }
            default: break
            }
        }
        return found
    }

    private func types(_ rule: JSONValue) -> [String] { rule.text.map { [$0] } ?? rule.items.compactMap(\.text) }
}

extension JSONValue {
    fileprivate var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }

    fileprivate func isOf(type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
            (.object, "object"):
            true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }

    fileprivate func visit(_ body: (JSONValue) -> Void) {
        body(self)
        for value in members.values { value.visit(body) }
        for value in items { value.visit(body) }
    }
}
