import Foundation
import Imaging
import Jobs
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `The operator's session` {
    private func with(_ body: (Site) async throws -> Void) async throws {
        try await Site.with(working: false, settings: { $0.adminToken = "open sesame" }, body)
    }

    private func cookie(_ reply: Reply) throws -> String {
        let field = try #require(reply["set-cookie"])
        #expect(field.contains("; HttpOnly") && field.contains("; SameSite=Strict") && field.contains("; Path=/"))
        return String(field.prefix { $0 != ";" })
    }

    @Test func `takes the place of the token in a browser`() async throws {
        try await with { site async throws in
            #expect(try await site.get("/session").json == ["required": true, "signed_in": false])
            #expect(try await site.get("/overview").status == 401)
            let wrong = try await site.post("/session", json: #"{"token":"open barley"}"#)
            #expect(wrong.status == 401 && wrong.code == "unauthorized" && wrong["set-cookie"] == nil)
            #expect(wrong["www-authenticate"] != nil)

            let reply = try await site.post("/session", json: #"{"token":"open sesame"}"#)
            #expect(reply.status == 204)
            let cookie = try cookie(reply)
            #expect(!cookie.contains("sesame"))
            let signedIn = ["Cookie": "theme=dark; \(cookie)"]
            #expect(try await site.get("/session", signedIn).json == ["required": true, "signed_in": true])
            #expect(try await site.get("/overview", signedIn).status == 200)
            #expect(try await site.post("/queue/pause", json: "", signedIn).status == 200)
            #expect(try await site.get("/overview", ["Authorization": "Bearer open sesame"]).status == 200)

            let end = try await site.ask("DELETE", "/session")
            #expect(end.status == 204 && end["set-cookie"]?.contains("Max-Age=0") == true)
        }
    }

    @Test func `is not to be forged, borrowed or kept for ever`() async throws {
        try await with { site async throws in
            let good = try cookie(try await site.post("/session", json: #"{"token":"open sesame"}"#))
            let parts = good.split(separator: ".")
            let later = try #require(Int(parts[0].split(separator: "=")[1])) + 1
            for forged in [
                "tintype_session=", "tintype_session=1.2", "tintype_session=\(later).\(parts[1])",
                String(good.dropLast()), good + "0", good.replacingOccurrences(of: "tintype_session", with: "other"),
            ] {
                #expect(try await site.get("/overview", ["Cookie": forged]).status == 401, "\(forged)")
            }
            // A page of somebody else's that has a browser ask us.
            for site_ in ["cross-site", "same-site"] {
                let reply = try await site.post("/queue/pause", json: "", ["Cookie": good, "Sec-Fetch-Site": site_])
                #expect(reply.status == 401, "\(site_)")
            }
            #expect(
                try await site.post("/queue/pause", json: "", ["Cookie": good, "Sec-Fetch-Site": "same-origin"]).status
                    == 200)
            // Without TLS a browser says the origin alone.
            for (origin, status) in [
                ("http://localhost:9000", 401), ("http://other.example", 401), ("null", 401), ("http://localhost", 200),
            ] {
                let reply = try await site.post("/queue/pause", json: "", ["Cookie": good, "Origin": origin])
                #expect(reply.status == status, "\(origin)")
            }

            let session = OperatorSession(token: "open sesame")
            let old = session.cookie(at: .now - OperatorSession.lifetime - .seconds(1), isSecure: false)
            #expect(try await site.get("/overview", ["Cookie": String(old.prefix { $0 != ";" })]).status == 401)
            let another = OperatorSession(token: "another").cookie(at: .now, isSecure: false)
            #expect(try await site.get("/overview", ["Cookie": String(another.prefix { $0 != ";" })]).status == 401)
            #expect(session.cookie(at: .now, isSecure: true).hasSuffix("; Secure"))
        }
    }

    @Test func `says what is wrong with a request for one`() async throws {
        try await with { site async throws in
            #expect(try await site.post("/session", json: "{}").code == "missing_parameter")
            #expect(try await site.post("/session", json: #"{"token":7}"#).code == "missing_parameter")
            #expect(try await site.post("/session", json: #"{"token":"a","b":1}"#).code == "unknown_parameter")
            #expect(try await site.post("/session", json: "{").code == "malformed_json")
        }
    }

    @Test func `is not needed on the machine itself where there is no token, and of no use elsewhere`() async throws {
        try await Site.with(working: false) { site async throws in
            #expect(try await site.get("/session").json == ["required": false, "signed_in": true])
            let reply = try await site.post("/session", json: #"{"token":"any"}"#)
            #expect(reply.status == 204 && reply["set-cookie"] == nil)
            let far = ["X-Forwarded-For": "192.0.2.1"]
            #expect(try await site.get("/session", far).code == "forbidden")
            #expect(try await site.post("/session", json: #"{"token":"any"}"#, far).code == "forbidden")
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `What the operator sees and does` {
    @Test func `tell a job's whole story`() async throws {
        try await Site.with { site async throws in
            let id = try await site.finishedJob(
                #"{"operations":["dominant_color",{"type":"grayscale"}],"output":{"format":"webp"}}"#)
            let story = try await site.get("/jobs/\(id)").json
            #expect(story["job_id"].text == id && story["status"] == "done" && story["fence"] == 1)
            #expect(story["output"]["format"] == "webp" && story["crashes"] == 0 && story["webhook"] == false)
            #expect(story["waited_seconds"].number.map { (0..<60).contains($0) } == true)
            #expect(story["result"]["facts"]["dominant_color"].text?.hasPrefix("#") == true)
            let tries = story["tries"].items
            #expect(tries.count == 1)
            #expect(tries.first?["outcome"] == "done" && tries.first?["host"] == "test")
            for part in ["fetch", "decode", "operations", "encode", "put"] {
                let seconds = tries.first?["timings"][part].number
                #expect(seconds.map { (0..<60).contains($0) } == true, "\(part)")
            }
            #expect(tries.first?["timings"]["encode"].number.map { $0 > 0 } == true)
            #expect(try await site.get("/jobs/\(UUID())").status == 404)
        }
    }

    @Test func `tell what is worked on, and what workers were told`() async throws {
        try await Site.with(working: false) { site async throws in
            let worker = WorkerPresence(id: WorkerID(), host: "far", slots: 2, busy: 1, version: "9", seenAt: .now)
            try await site.intake.store.announce(worker)
            let file = try await site.uploadedPicture()
            let job = try await site.post("/process/\(file)", json: #"{"operation":"grayscale"}"#)
            _ = try await site.intake.store.claim(.next(1, preferring: .normal), by: worker.id, lease: .seconds(60))
            #expect(try await site.post("/workers/\(worker.id)/drain", json: "").json["draining"] == true)
            #expect(try await site.post("/queue/pause", json: "").json == ["paused": true])

            let overview = try await site.get("/overview").json
            let seen = overview["workers"]["list"].items.first
            #expect(seen?["id"].text == "\(worker.id)" && seen?["draining"] == true)
            #expect(seen?["jobs"].items.first?["job_id"] == job.json["job_id"])
            #expect(overview["paused"] == true && overview["queue"]["in_progress"] == 1)
            #expect(try await site.get("/health").json["queue"]["paused"] == true)
            #expect(try await site.post("/workers/\(UUID())/drain", json: "").status == 404)
        }
    }

    @Test func `send the overview when it changes, and not twice in a second`() async throws {
        try await Site.with(working: false) { site async throws in
            try await Wire.open(site.port) { wire async throws in
                try await wire.send("GET /overview/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                _ = try await wire.text(until: "event: overview\n")
                let begin = ContinuousClock.now
                try await site.intake.store.pause(true)
                _ = try await wire.text(until: #""paused":true"#)
                #expect(begin.duration(to: .now) < .seconds(5))
            }
        }
    }

    @Test func `tell the last hour, slot by slot`() async throws {
        try await Site.with(working: false) { site async throws in
            var slot = HistorySlot(containing: .now - .seconds(600))
            (slot.submitted, slot.done, slot.depth) = (5, 4, 3)
            slot.runs.add(.milliseconds(40))
            try await site.intake.store.record(slot)
            let history = try await site.get("/history").json
            let slots = history["slots"].items
            #expect(history["step_seconds"] == 10 && slots.count == 360)
            let found = slots.filter { $0["submitted"] == 5 }
            #expect(found.count == 1 && found.first?["at"].text == "\(slot.start)")
            #expect(found.first?["wait"] == .null)
            #expect(found.first?["run"]["p50"].number.map { abs($0 / 0.04 - 1) < 0.2 } == true)
            #expect(slots.map { $0["at"].text ?? "" } == slots.map { $0["at"].text ?? "" }.sorted())
        }
    }

    @Test func `delete one failed job, or a page of them`() async throws {
        try await Site.with { site async throws in
            var ids: [String] = []
            for _ in 1...3 {
                let reply = try await site.post(
                    "/api/v1/images/process", json: #"{"imageUrl":"https://pictures.example/broken"}"#,
                    ["Prefer": "wait=50"])
                ids.append(try #require(reply.json["jobId"].text, "\(reply.text)"))
            }
            #expect(try await site.get("/dead-letters").json["dead_letters"].items.count == 3)
            #expect(try await site.ask("DELETE", "/dead-letters/\(ids[0])").status == 204)
            #expect(try await site.get("/jobs/\(ids[0])").status == 410)
            let page = try await site.ask("DELETE", "/dead-letters?limit=1")
            #expect(page.json["deleted"] == 1 && page.json["next_cursor"] != .null)
            #expect(try await site.ask("DELETE", "/dead-letters").json["deleted"] == 1)
            #expect(try await site.get("/dead-letters").json["dead_letters"] == [])
            let done = try await site.finishedJob()
            #expect(try await site.ask("DELETE", "/dead-letters/\(done)").code == "not_failed")
        }
    }

    @Test func `list the settings as they were shown to be`() async throws {
        try await Site.with(working: false) {
            $0.shown = [ShownSetting(name: "PORT", value: "8000", origin: "default", meaning: "The port.")]
        } _: { site async throws in
            #expect(
                try await site.get("/settings").json["settings"] == [
                    ["name": "PORT", "value": "8000", "source": "default", "meaning": "The port."]
                ])
        }
    }
}
