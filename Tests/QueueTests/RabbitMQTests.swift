import Jobs
import TestServers
import Testing

@testable import RabbitMQBackend

extension `Queues` {
    @Suite struct `RabbitMQ queue` {
        @Test(arguments: ["TEST_RABBITMQ_URL", "TEST_RABBITMQ_TLS_URL"])
        func `rings travel in the clear and by TLS`(_ variable: String) async throws {
            try await withQueue(url: try required(variable)) { queue in
                let jobs = someJobs(10)
                try await queue.ring(for: jobs)
                #expect(Set(try await take(10, from: queue)) == Set(jobs.map(\.id)))
            }
        }

        @Test func `a server whose authority is unknown is refused`() async throws {
            let settings = try RabbitMQSettings(
                url: try required("TEST_RABBITMQ_TLS_URL"), authorityFile: try required("TEST_TLS_OTHER_CA"))
            try await expectRefusal(of: settings, naming: "CERTIFICATE_VERIFY_FAILED")
        }

        @Test func `a server whose certificate bears another name is refused`() async throws {
            let url = try required("TEST_RABBITMQ_TLS_URL")
            let address = try AMQPAddress(url)
            let port = address.port
            // All of 127.0.0.0/8 is this machine, and the certificate names its first address only.
            try await Relay.with(to: port, at: "127.0.0.2") { relay in
                let settings = try RabbitMQSettings(
                    url: url.replacing("\(address.host):\(port)", with: "127.0.0.2:\(relay.port)"),
                    authorityFile: try required("TEST_TLS_CA"))
                try await expectRefusal(of: settings, naming: "failedToValidateHostname")
            }
        }

        @Test func `certificates that can't be read are found at once`() throws {
            let settings = try RabbitMQSettings(url: "amqps://localhost", authorityFile: "/nowhere/ca.crt")
            #expect {
                try RabbitMQQueue(settings)
            } throws: { error in
                "\(error)".contains("/nowhere/ca.crt")
            }
        }

        @Test(arguments: [
            ("test-secret", "hunter2", "403 ACCESS_REFUSED"), ("%2F", "elsewhere", "vhost elsewhere not found"),
        ])
        func `a wrong password or virtual host is named, and is no mere absence`(
            _ right: String, _ wrong: String, _ reason: String
        ) async throws {
            let url = try required("TEST_RABBITMQ_URL").replacing(right, with: wrong)
            let settings = try RabbitMQSettings(url: url)
            try await expectRefusal(of: settings, naming: reason)
            let queue = try RabbitMQQueue(settings)
            defer { queue.close() }
            let refusal = await #expect(throws: RabbitMQRefusal.self) { try await queue.check() }
            #expect("\(try #require(refusal))".contains(reason))
            #expect(!"\(try #require(refusal))".contains("hunter2"))
        }

        @Test func `a server that is not there is away, and refuses nobody`() async throws {
            // Nobody listens on the discard port.
            let queue = try RabbitMQQueue(RabbitMQSettings(url: "amqp://test:test@127.0.0.1:9"))
            defer { queue.close() }
            await expectUnavailable { try await queue.check() }
        }

        @Test func `a peer that says nothing is away in time`() async throws {
            try await withRelay { relay, url in
                relay.isSilent = true
                try await withQueue(url: url) { queue in
                    await expectUnavailable { try await queue.ring(for: someJobs(1)) }
                    await expectUnavailable { _ = try await queue.next(limit: 1) }
                }
            }
        }

        @Test func `a network that swallows everything is noticed in time`() async throws {
            try await withRelay { relay, url in
                try await withQueue(url: url) { queue in
                    try await queue.ring(for: someJobs(1))
                    relay.isSilent = true
                    await expectUnavailable { try await queue.ring(for: someJobs(1)) }
                    await expectUnavailable { try await queue.ping() }
                }
            }
        }

        @Test func `connections that break are made again, and nothing is lost`() async throws {
            try await withRelay { relay, url in
                try await withQueue(url: url) { queue in
                    let (held, later) = (someJobs(3), someJobs(3))
                    try await queue.ring(for: held)
                    var rings: [Ring] = []
                    while rings.count < 3 { rings += try await queue.next(limit: 3) }
                    relay.cut()
                    try await persistently { try await queue.ring(for: later) }
                    let heard = try await persistently { try await take(6, from: queue) }
                    #expect(Set(heard) == Set((held + later).map(\.id)))
                }
            }
        }

        @Test func `receipts of a connection that broke are worth nothing on the next`() async throws {
            try await withRelay { relay, url in
                try await withQueue(url: url) { queue, prefix in
                    let jobs = someJobs(3)
                    try await queue.ring(for: jobs)
                    var rings: [Ring] = []
                    while rings.count < 3 { rings += try await queue.next(limit: 3) }
                    relay.cut()
                    // The server counts from 1 again, and has delivered the same three.
                    try await eventually {
                        try await persistently { try await queue.next(limit: 1) }.isEmpty == false
                    }
                    queue.acknowledge(rings)
                    queue.close()
                    let heir = try RabbitMQQueue(
                        RabbitMQSettings(url: try required("TEST_RABBITMQ_URL"), prefix: prefix))
                    defer { heir.close() }
                    #expect(Set(try await take(3, from: heir)) == Set(jobs.map(\.id)))
                }
            }
        }

        @Test func `a connection that the server closes is made again`() async throws {
            let site = try RabbitMQSite()
            try await withQueue(url: site.url) { queue in
                try await queue.ping()
                try await eventually(within: .seconds(15)) { try await site.closeConnections() > 0 }
                try await persistently { try await queue.ring(for: someJobs(1)) }
                #expect(try await take(1, from: queue).count == 1)
            }
        }

        @Test func `a process that only rings does not consume`() async throws {
            try await withQueue(url: try required("TEST_RABBITMQ_URL")) { queue in
                try await queue.ring(for: someJobs(5))
                try await eventually { try await queue.depth() == 5 }
            }
        }

        @Test func `no more is delivered than may be held`() async throws {
            let site = try RabbitMQSite()
            try await site.withQueue(slots: 4, patience: .seconds(1)) { shared in
                let (api, worker) = (try await shared.join(), try await shared.join())
                try await api.queue.ring(for: someJobs(20))
                var held: [Ring] = []
                while held.count < 4 { held += try await worker.queue.next(limit: 100) }
                #expect(held.count == 4)
                #expect(try await worker.queue.next(limit: 100).isEmpty)
                try await eventually { try await api.queue.depth() == 16 }
            }
        }

        @Test func `a ring that nobody acknowledges ends among the dead`() async throws {
            let site = try RabbitMQSite()
            try await site.withQueue(slots: 4, patience: .seconds(1)) { shared in
                let api = try await shared.join()
                try await api.queue.ring(for: someJobs(1))
                for _ in 0...Int(Topology.deliveryLimit) {
                    let worker = try await shared.join()
                    let rings = try await worker.queue.next(limit: 1)
                    #expect(rings.count == 1)
                    await worker.die()
                }
                let heir = try await shared.join()
                #expect(try await heir.queue.next(limit: 1).isEmpty)
                #expect(try await api.queue.depth() == 0)
            }
        }

        @Test func `a message that is no job's id is a ring for any job`() async throws {
            let site = try RabbitMQSite()
            try await withQueue(url: site.url) { queue, prefix in
                try await queue.ping()
                try await site.publish("hello", to: "\(prefix).high")
                let rings = try await queue.next(limit: 1)
                #expect(rings.map(\.job) == [nil])
                queue.acknowledge(rings)
            }
        }

        // MARK: -

        private func withQueue(url: String, _ body: (RabbitMQQueue, String) async throws -> Void) async throws {
            let site = try RabbitMQSite()
            let prefix = "tintype.test.\(WorkerID())"
            let queue = try RabbitMQQueue(
                RabbitMQSettings(
                    url: url, authorityFile: try required("TEST_TLS_CA"), prefix: prefix, patience: .seconds(3)))
            do {
                try await body(queue, prefix)
            } catch {
                queue.close()
                try await site.delete(prefix)
                throw error
            }
            queue.close()
            try await site.delete(prefix)
        }

        private func withQueue(url: String, _ body: (RabbitMQQueue) async throws -> Void) async throws {
            try await withQueue(url: url) { queue, _ in try await body(queue) }
        }

        private func withRelay(_ body: (Relay, String) async throws -> Void) async throws {
            let url = try required("TEST_RABBITMQ_URL")
            let port = try AMQPAddress(url).port
            try await Relay.with(to: port) { relay in
                try await body(relay, url.replacing(":\(port)", with: ":\(relay.port)"))
            }
        }

        private func expectRefusal(of settings: RabbitMQSettings, naming reason: String) async throws {
            let queue = try RabbitMQQueue(settings)
            defer { queue.close() }
            let error = await #expect(throws: JobStoreError.self) { try await queue.ping() }
            let text = "\(try #require(error))"
            #expect(text.contains(reason))
            #expect(!text.contains("hunter2"))
        }
    }
}
