import Foundation
import Testing

@Suite(.timeLimit(.minutes(5)), .serialized) struct `The service` {
    @Test func `takes a picture in, develops it, and gives it out`() async throws {
        try await ServiceProcess.with { service in
            let client = Client(base: service.url)
            let file = try await client.upload(Picture.bmp(width: 64, height: 48, seed: 1), named: "a.bmp")
            #expect(file.status == 201)
            #expect(file.json["width"] as? Int == 64 && file.json["height"] as? Int == 48)

            let job = try await client.post(
                "/process/\(try #require(file["file_id"]))", json: #"{"operation":"resize","width":32,"format":"png"}"#)
            #expect(job.status == 202)
            let id = try #require(job["job_id"])
            let status = try await client.final(id)
            #expect(status["status"] == "done")
            let result = try await client.get("/download/\(id)")
            #expect(result.status == 200)
            #expect(Array(result.body.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            // IHDR: width and height, big-endian (PNG, section 11.2.2).
            #expect(Array(result.body[16..<24]) == [0, 0, 0, 32, 0, 0, 0, 24])
        }
    }

    @Test func `keeps the settings that it began with, in its children too`() async throws {
        try await ServiceProcess.with { service in
            let client = Client(base: service.url)
            let file = try await client.upload(Picture.bmp(width: 64, height: 48, seed: 1), named: "a.bmp")
            // Made by a child. The first line would end it, the second refuse the picture.
            for settings in ["PORT=90000\n", "MAX_PIXELS=10\n"] {
                try Data(settings.utf8).write(to: service.folder.appendingPathComponent(".env"))
                let preview = try await client.get("/preview/\(try #require(file["file_id"]))?operation=flip")
                #expect(preview.status == 200, "\(preview.text)")
            }
        }
    }

    @Test(arguments: [0.3, 0.6, 0.9])
    func `never gives out a JPEG that is cut off`(_ part: Double) async throws {
        try await ServiceProcess.with { service in
            let client = Client(base: service.url)
            try Picture.bmp(width: 320, height: 240, seed: 3).write(to: service.folder.appendingPathComponent("a.bmp"))
            #expect(try await Program.run(["render", "a.bmp", "a.jpg"], in: service.folder).exitCode == 0)
            let whole = try Data(contentsOf: service.folder.appendingPathComponent("a.jpg"))
            let file = try await client.upload(whole.prefix(Int(Double(whole.count) * part)), named: "a.jpg")
            #expect(file.status == 201)
            let job = try await client.post(
                "/process/\(try #require(file["file_id"]))", json: #"{"operation":"thumbnail"}"#,
                headers: ["Prefer": "wait=50"])
            #expect(job["status"] == "failed")
            #expect((job.json["error"] as? [String: Any])?["code"] as? String == "undecodable_image")
            #expect(try await client.get("/download/\(try #require(job["job_id"]))").status == 422)
        }
    }

    @Test func `ends in time though a client reads no more`() async throws {
        try await Program.withFolder { folder in
            let service = try await ServiceProcess(in: folder, environment: ["SHUTDOWN_GRACE_SECONDS": "0"])
            let client = Client(base: service.url)
            let file = try await client.upload(Picture.bmp(width: 1500, height: 1500, seed: 5), named: "a.bmp")
            let job = try await client.post(
                "/process/\(try #require(file["file_id"]))", json: #"{"operation":"flip","format":"bmp"}"#,
                headers: ["Prefer": "wait=50"])
            let port = try #require(service.url.port)
            // Asks for some megabytes and never takes them.
            let silent = Process()
            silent.executableURL = URL(fileURLWithPath: "/bin/bash")
            silent.arguments = [
                "-c",
                "exec 3<>/dev/tcp/127.0.0.1/\(port); printf 'GET /download/\(try #require(job["job_id"])) "
                    + "HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n' >&3; head -c 1 <&3; exec sleep 60",
            ]
            let answered = Pipe()
            silent.standardOutput = answered
            silent.standardError = FileHandle.nullDevice
            try silent.runAlone()
            defer { kill(silent.processIdentifier, SIGKILL) }
            #expect(try answered.fileHandleForReading.read(upToCount: 1)?.count == 1)
            let start = ContinuousClock.now
            #expect(await service.stop(SIGTERM) == 0)
            #expect(start.duration(to: .now) < .seconds(15))
        }
    }

    @Test func `drains and exits 0 on SIGTERM and on Ctrl-C`() async throws {
        for signal in [SIGTERM, SIGINT] {
            try await Program.withFolder { folder in
                let service = try await ServiceProcess(in: folder)
                #expect(try await Client(base: service.url).get("/health/ready").status == 200)
                #expect(await service.stop(signal) == 0)
            }
        }
    }

    @Test func `ends every job once, though it is killed again and again`() async throws {
        try await Program.withFolder { folder in
            let environment = ["LEASE_SECONDS": "1", "DATA_DIR": "data"]
            var accepted: [String] = []
            for round in 0..<6 {
                let service = try await ServiceProcess(in: folder, environment: environment)
                let client = Client(base: service.url)
                for number in 0..<15 {
                    let picture = Picture.bmp(width: 200, height: 150, seed: UInt32(round * 100 + number))
                    let file = try await client.upload(picture, named: "\(number).bmp")
                    let job = try await client.post(
                        "/process/\(file["file_id"] ?? "")", json: #"{"transformations":["blur:3","convert:png"]}"#)
                    #expect(job.status == 202)
                    accepted.append(try #require(job["job_id"]))
                }
                // No job is to meet its third crash, which would end it.
                if round % 2 == 1 { for id in accepted { _ = try await client.final(id) } }
                #expect(await service.stop(SIGKILL) == SIGKILL)
            }
            let service = try await ServiceProcess(in: folder, environment: environment)
            let client = Client(base: service.url)
            #expect(Set(accepted).count == 90)
            for id in accepted {
                let status = try await client.final(id)
                #expect(status["status"] == "done", "\(String(decoding: status.body, as: UTF8.self))")
                #expect(try await client.get("/download/\(id)").status == 200)
            }
            let health = try await client.get("/health")
            let queue = try #require(health.json["queue"] as? [String: Any])
            #expect(queue["depth"] as? Int == 0 && queue["in_progress"] as? Int == 0 && queue["dead"] as? Int == 0)
            #expect(await service.stop() == 0)
        }
    }
}
