import Jobs
import RabbitMQBackend
import Synchronization

/// The RabbitMQ of the tests.
struct RabbitMQSite: Sendable {
    let url: String
    private let api: String

    init() throws {
        url = try required("TEST_RABBITMQ_URL")
        api = try required("TEST_RABBITMQ_API")
    }

    func withQueue(
        slots: Int, patience: Duration, _ body: (SharedQueue) async throws -> Void
    ) async throws {
        let prefix = "tintype.test.\(WorkerID())"
        let queues = Mutex<[RabbitMQQueue]>([])
        try await asyncDo {
            try await body(
                SharedQueue(
                    join: {
                        let queue = try RabbitMQQueue(
                            RabbitMQSettings(url: url, prefix: prefix, prefetch: slots, patience: patience))
                        queues.withLock { $0.append(queue) }
                        return Member(queue: queue) { queue.close() }
                    }, delete: { try await delete(prefix) }))
        } finally: {
            for queue in queues.withLock({ $0 }) { queue.close() }
            try await delete(prefix)
        }
    }

    /// Deletes all queues of a prefix, and the exchange of its dead letters.
    func delete(_ prefix: String) async throws {
        for name in ["high", "normal", "low", "dead"] {
            try await request("DELETE", "queues/%2F/\(prefix).\(name)")
        }
        try await request("DELETE", "exchanges/%2F/\(prefix).dead")
    }

    /// Puts a message into a queue that is no ring.
    func publish(_ text: String, to queue: String) async throws {
        try await request(
            "POST", "exchanges/%2F/amq.default/publish",
            #"{"properties": {}, "routing_key": "\#(queue)", "payload": "\#(text)", "payload_encoding": "string"}"#)
    }

    /// Closes every connection that the management interface knows of, which takes it some seconds to hear of.
    /// - Returns: how many there were.
    func closeConnections() async throws -> Int {
        // One line for each: its name in quotation marks, which holds no other.
        let list = try await request("GET", "connections?columns=name")
        let names = list.split(separator: "\"").filter { $0.contains("->") }
        for name in names {
            let path = name.replacing(" ", with: "%20").replacing(">", with: "%3E")
            try await request("DELETE", "connections/\(path)")
        }
        return names.count
    }

    /// Asks the management interface for something; what is not there any more is fine.
    @discardableResult
    func request(_ method: String, _ path: String, _ body: String? = nil) async throws -> String {
        try await run(
            "curl", ["-sS", "-g", "-X", method] + (body.map { ["-d", $0] } ?? []) + ["\(api)/\(path)"])
    }
}

/// Runs `body` and then, however it ended, `finally`.
private func asyncDo(_ body: () async throws -> Void, finally: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        try await finally()
        throw error
    }
    try await finally()
}
