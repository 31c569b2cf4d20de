import Imaging
import Jobs
import Logging
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5))) struct `The health routes` {
    @Test func `say who is there`() async throws {
        try await Site.with(working: false) { site async throws in
            for target in ["/", "/?"] {
                let root = try await site.get(target)
                #expect(root.status == 200)
                #expect(root.text == #"{"status":"healthy","service":"tintype","version":"1.2.3"}"#)
            }
            #expect(try await site.get("/health/live/").status == 200)
        }
    }

    @Test func `take the process out of traffic when it drains, and keep it alive`() async throws {
        try await Site.with(working: false) { site async throws in
            #expect(try await site.get("/health/ready").status == 200)
            site.readiness.beginDraining()
            let ready = try await site.get("/health/ready")
            #expect(ready.status == 503 && ready.code == "draining")
            #expect(try await site.get("/health/live").status == 200)
            #expect(try await site.get("/health").status == 200)
        }
    }

    @Test func `tell the figures of the queue`() async throws {
        try await Site.with(working: false) { site async throws in
            let file = try await site.uploadedPicture()
            for angle in [90, 180] {
                _ = try await site.post("/process/\(file)", json: #"{"operation":"resize","width":\#(angle)}"#)
            }
            let health = try await site.get("/health")
            #expect(health.status == 200)
            #expect(health.json["status"] == "healthy" && health.json["version"] == "1.2.3")
            #expect(health.json["redis"] == "not configured")
            #expect(health.json["queue"]["depth"] == 2)
            #expect(health.json["queue"]["in_progress"] == 0 && health.json["queue"]["dead"] == 0)
            #expect(health.json["workers"]["live"] == 0 && health.json["workers"]["list"] == [])
            #expect(health.json["backlog_per_worker"] == 2)
            for (name, kind) in [("store", "sqlite"), ("queue", "sqlite"), ("storage", "disk")] {
                #expect(health.json["components"][name]["kind"].text == kind)
                #expect(health.json["components"][name]["status"] == "up")
                #expect(health.json["components"][name]["latency_ms"].number != nil)
            }
            // The order is the contract's.
            let names = [
                "status", "version", "uptime_seconds", "redis", "components", "queue", "workers", "backlog_per",
            ]
            let positions = names.compactMap { health.text.firstRange(of: "\"\($0)")?.lowerBound }
            #expect(positions.count == names.count && positions == positions.sorted())
        }
    }

    @Test func `tell of a Redis that is neither store nor queue`() async throws {
        struct Away: Error {}
        for isUp in [true, false] {
            try await Site.with(working: false) {
                $0.pingRedis = { if !isUp { throw Away() } }
            } _: { site async throws in
                let health = try await site.get("/health")
                #expect(health.status == 200)
                #expect(health.json["redis"].text == (isUp ? "connected" : "disconnected"))
                #expect(health.json["status"].text == (isUp ? "healthy" : "degraded"))
            }
        }
    }

    @Test func `count those that work, not all that live`() async throws {
        try await Site.with(working: false) { site async throws in
            for slots in [4, 0, 2] {
                try await site.intake.store.announce(
                    WorkerPresence(id: WorkerID(), host: "test", slots: slots, busy: 0, version: "0", seenAt: .now))
            }
            let health = try await site.get("/health")
            #expect(health.json["workers"]["live"] == 2 && health.json["workers"]["slots"] == 6)
            #expect(try await site.get("/metrics").text.contains("\ntintype_workers_live 2\n"))
        }
    }

    @Test func `are all that a worker offers, with its metrics`() async throws {
        try await Site.with(working: false) {
            $0.role = .healthOnly
        } _: { site async throws in
            for target in ["/health", "/health/live", "/health/ready", "/metrics"] {
                #expect(try await site.get(target).status == 200, "\(target)")
            }
            for target in ["/", "/list", "/jobs"] { #expect(try await site.get(target).status == 404, "\(target)") }
        }
    }

    @Test func `are logged for those who look closely only, other requests for all`() async throws {
        try await Site.with(working: false) { site async throws in
            _ = try await site.get("/health/live", ["X-Request-ID": "quiet"])
            _ = try await site.get("/list?limit=5", ["X-Request-ID": "loud one"])
            // A connection of its own saw the answers before the lines were written: the next request comes after them.
            _ = try await site.get("/")
            func line(_ id: String) -> LogBook.Line? { site.log.all.first { $0.metadata["request_id"] == .string(id) } }
            #expect(line("quiet")?.level == .debug)
            let loud = try #require(line("loud one"))
            #expect(loud.level == .info && loud.message == "request")
            #expect(loud.metadata["route"] == "/list" && loud.metadata["path"] == "/list")
            #expect(loud.metadata["method"] == "GET" && loud.metadata["status"]?.description == "200")
        }
    }

    @Test func `and /metrics count requests by route, method and status`() async throws {
        try await Site.with { site async throws in
            let job = try await site.finishedJob()
            _ = try await site.get("/status/\(job)")
            _ = try await site.get("/status/nothing")
            _ = try await site.get("/nowhere")
            let metrics = try await site.get("/metrics")
            #expect(metrics["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = metrics.text.split(separator: "\n")
            for line in [
                #"tintype_http_requests_total{route="/status/{id}",method="GET",status="200"} 1"#,
                #"tintype_http_requests_total{route="/status/{id}",method="GET",status="404"} 1"#,
                #"tintype_http_requests_total{route="unknown",method="GET",status="404"} 1"#,
                #"tintype_http_requests_total{route="/upload",method="POST",status="201"} 1"#,
                #"tintype_http_request_duration_seconds_count{route="/upload",method="POST"} 1"#,
                "tintype_queue_depth 0", "# TYPE tintype_queue_depth gauge",
                "# TYPE process_cpu_seconds_total counter",
                #"tintype_component_up{component="store",kind="sqlite"} 1"#,
            ] {
                #expect(lines.contains(line[...]), "\(line)")
            }
            func value(_ name: String) -> Double {
                lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.utf8.count + 1)) } ?? -1
            }
            #expect(value("process_resident_memory_bytes") > 1e6)
            #expect(value("process_open_fds") > 3)
            #expect(value("process_start_time_seconds") > 1.7e9)
            #expect(value("tintype_http_received_bytes_total") > 100)
            #expect(value("tintype_http_sent_bytes_total") > 100)
        }
    }
}
