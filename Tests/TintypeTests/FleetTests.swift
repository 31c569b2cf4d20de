import Foundation
import TestServers
import Testing

/// Which backends stand behind a fleet; each is a real server, whose address the environment holds.
struct Pairing: Sendable, CustomTestStringConvertible {
    let store: String
    let queue: String?
    let storage: String?

    var testDescription: String { [store, queue, storage].compactMap(\.self).joined(separator: " + ") }

    static let all = [
        Pairing(store: "postgresql", queue: nil, storage: "s3"),
        Pairing(store: "postgresql", queue: "redis", storage: nil),
        Pairing(store: "postgresql", queue: "rabbitmq", storage: nil),
        Pairing(store: "mysql", queue: nil, storage: nil),
        Pairing(store: "mysql", queue: "rabbitmq", storage: "s3"),
        Pairing(store: "redis", queue: nil, storage: "s3"),
        Pairing(store: "redis", queue: "rabbitmq", storage: nil),
        Pairing(store: "redisCluster", queue: nil, storage: nil),
        Pairing(store: "redisTLS", queue: nil, storage: nil),
    ]

    func environment(in folder: URL) throws -> [String: String] {
        var environment = [
            "ALLOW_LOCAL": "1", "DATA_DIR": folder.appendingPathComponent("data").path, "LEASE_SECONDS": "2",
        ]
        switch store {
        case "postgresql": environment["DATABASE_URL"] = try server("TEST_POSTGRESQL_URL")
        case "mysql": environment["DATABASE_URL"] = try server("TEST_MYSQL_URL")
        case "redisCluster": environment["REDIS_URL"] = try server("TEST_REDIS_CLUSTER_URL")
        case "redisTLS":
            environment["REDIS_URL"] = try server("TEST_REDIS_TLS_URL")
            environment["TLS_CA_FILE"] = try server("TEST_TLS_CA")
        default: environment["REDIS_URL"] = try server("TEST_REDIS_URL")
        }
        switch queue {
        case "redis": environment["REDIS_URL"] = try server("TEST_REDIS_URL")
        case "rabbitmq": environment["RABBITMQ_URL"] = try server("TEST_RABBITMQ_URL")
        default: break
        }
        if storage == "s3" {
            environment["STORAGE_URL"] = "s3://\(try server("TEST_S3_BUCKET"))/fleet/\(store)"
            environment["AWS_ENDPOINT_URL_S3"] = try server("TEST_S3_URL")
            environment["AWS_ACCESS_KEY_ID"] = try server("TEST_S3_ACCESS_KEY")
            environment["AWS_SECRET_ACCESS_KEY"] = try server("TEST_S3_SECRET_KEY")
        }
        return environment
    }
}

/// The address of a server that runs for the tests.
func server(_ variable: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[variable] else {
        throw Unexpected("\(variable) is not set: scripts/test.sh starts the servers and sets it")
    }
    return value
}

@Suite(.timeLimit(.minutes(5)), .serialized) struct `A fleet` {
    @Test(arguments: Pairing.all)
    func `outlives the process that took a picture in`(_ pairing: Pairing) async throws {
        try await Program.withFolder { folder in
            let environment = try pairing.environment(in: folder)
            var processes: [ServiceProcess] = []
            func start(_ role: String) async throws -> ServiceProcess {
                let process = try await ServiceProcess([role], in: folder, environment: environment)
                processes.append(process)
                return process
            }
            do {
                let (first, second) = (try await start("api"), try await start("api"))
                let worker = try await start("worker")
                try await pass(a: first, to: second, while: worker)
            } catch {
                for process in processes { _ = await process.stop(SIGKILL) }
                throw error
            }
            for process in processes.dropFirst() { #expect(await process.stop() == 0) }
        }
    }

    /// A job that one process accepts before it dies, a worker does, and another process answers for.
    private func pass(a first: ServiceProcess, to second: ServiceProcess, while worker: ServiceProcess) async throws {
        let (here, there) = (Client(base: first.url), Client(base: second.url))
        let picture = Picture.bmp(width: 64, height: 48, seed: UInt32.random(in: 0...UInt32.max))
        let file = try await here.upload(picture, named: "a.bmp")
        #expect(file.status == 201, "\(file.text)")
        let path = "/process/\(file["file_id"] ?? "")"
        let key = UUID().uuidString
        let plan = #"{"operation":"flip","format":"png"}"#
        let job = try await here.post(path, json: plan, headers: ["Idempotency-Key": key])
        #expect(job.status == 202, "\(job.text)")
        _ = await first.stop(SIGKILL)

        let again = try await there.post(path, json: plan, headers: ["Idempotency-Key": key])
        #expect(again["job_id"] == job["job_id"])
        let id = try #require(job["job_id"])
        let status = try await there.final(id)
        #expect(status["status"] == "done", "\(status.text)")
        #expect(try await there.get("/download/\(id)").body.starts(with: [0x89, 0x50, 0x4E, 0x47]))

        let health = try await there.get("/health")
        #expect(health.status == 200 && health["status"] == "healthy", "\(health.text)")
        let workers = try #require((health.json["workers"] as? [String: Any])?["list"] as? [[String: Any]])
        #expect(workers.contains { $0["slots"] as? Int != nil && $0["version"] != nil })
        #expect(try await Client(base: worker.url).get("/health/ready").status == 200)
        #expect(try await Client(base: worker.url).get("/list").status == 404)
    }

    // Nobody listens on the discard port.
    @Test(arguments: [("REDIS_URL", "redis://127.0.0.1:9"), ("RABBITMQ_URL", "amqp://a:b@127.0.0.1:9")])
    func `does without a server that only rings`(_ variable: String, _ address: String) async throws {
        try await Program.withFolder { folder in
            var environment = try Pairing(store: "postgresql", queue: nil, storage: nil).environment(in: folder)
            environment[variable] = address
            let service = try await ServiceProcess(in: folder, environment: environment)
            let client = Client(base: service.url)
            let file = try await client.upload(Picture.bmp(width: 9, height: 9, seed: 7), named: "a.bmp")
            let job = try await client.post("/process/\(file["file_id"] ?? "")", json: #"{"operation":"flop"}"#)
            #expect(job.status == 202, "\(job.text)")
            #expect(try await client.final(job["job_id"] ?? "")["status"] == "done")
            #expect(try await client.get("/health")["status"] == "degraded")
            #expect(await service.stop() == 0)
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A start` {
    @Test(arguments: [
        ("DATABASE_URL", "postgresql://nobody:wrong@127.0.0.1:9/none"),
        ("DATABASE_URL", "mysql://a:b@127.0.0.1:9/none"),
        ("REDIS_URL", "redis://127.0.0.1:9"), ("STORAGE_URL", "s3://bucket"),
    ])
    // Nobody listens on the discard port.
    func `on a backend that cannot be used ends, and says which`(
        _ variable: String, _ address: String
    ) async throws {
        try await Program.withFolder { folder in
            let environment = [
                variable: address, "PORT": "0", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "a",
                "AWS_SECRET_ACCESS_KEY": "b",
            ]
            let ended = try await Program.run(["serve"], in: folder, environment: environment)
            #expect(ended.exitCode == 78)
            #expect(ended.errors.contains("\(variable) cannot be used"), "\(ended.errors)")
            #expect(variable != "STORAGE_URL" || ended.errors.contains("http://127.0.0.1:9 cannot be reached"))
            #expect(!ended.errors.contains("wrong"))
        }
    }

    @Test(arguments: ["", "sqlite:///jobs.db"])
    func `on a Redis that refuses its password ends, be it store or only rings`(_ database: String) async throws {
        let address = try server("TEST_REDIS_TLS_URL").replacing("test-secret", with: "hunter2")
        let authority = try server("TEST_TLS_CA")
        try await Program.withFolder { folder in
            let ended = try await Program.run(
                ["serve"], in: folder,
                environment: ["REDIS_URL": address, "TLS_CA_FILE": authority, "DATABASE_URL": database, "PORT": "0"])
            #expect(ended.exitCode == 78)
            #expect(ended.errors.contains("REDIS_URL cannot be used: ") && ended.errors.contains("WRONGPASS"))
            #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
            #expect(!ended.errors.contains("hunter2"))
        }
    }

    @Test(arguments: ["", "sqlite:///jobs.db"])
    func `on a Redis that drops keys ends before it writes one`(_ database: String) async throws {
        // It has no memory for a single key: it is its policy that must be told, not that.
        try await withSpareRedis(["--maxmemory", "1", "--maxmemory-policy", "allkeys-lru"]) { port in
            try await Program.withFolder { folder in
                let ended = try await Program.run(
                    ["serve"], in: folder,
                    environment: ["REDIS_URL": "redis://127.0.0.1:\(port)", "DATABASE_URL": database, "PORT": "0"])
                #expect(ended.exitCode == 78)
                #expect(ended.errors.contains("noeviction"), "\(ended.errors)")
            }
        }
    }

    @Test(arguments: [("test-secret", "403 ACCESS_REFUSED"), ("%2F", "vhost hunter2 not found")])
    func `on a RabbitMQ that refuses it ends, and says why`(_ right: String, _ reason: String) async throws {
        let address = try server("TEST_RABBITMQ_URL").replacing(right, with: "hunter2")
        try await Program.withFolder { folder in
            let ended = try await Program.run(
                ["serve"], in: folder, environment: ["RABBITMQ_URL": address, "PORT": "0"])
            #expect(ended.exitCode == 78)
            #expect(ended.errors.contains("RABBITMQ_URL cannot be used: ") && ended.errors.contains(reason))
            #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
        }
    }
}
