import Jobs
import NIOCore

/// The ringing end: publishes job ids, and waits for the server's word on them. It consumes nothing.
struct RabbitMQPublisher: Sendable {
    private let topology: Topology
    private let link: Link<AMQPConnection>

    /// A connection that is silent for so long is taken for dead.
    private static let suspicion: TimeAmount = .seconds(1)

    init(_ topology: Topology, to server: RabbitMQServer) {
        self.topology = topology
        link = Link(on: server.eventLoop) { deadline in
            try await server.open(
                by: deadline, events: AMQPEvents(), requests: [.selectConfirms] + topology.declarations)
        }
    }

    func publish(_ jobs: [ReadyJob], by deadline: NIODeadline) async throws {
        let messages = jobs.map { AMQPMessage(queue: topology.queue(for: $0.priority), body: "\($0.id)") }
        try await withConnection(by: deadline) { connection in
            var missing = try await connection.publish(messages).get(by: deadline)
            guard !missing.isEmpty else { return }
            // Somebody deleted a queue. It may be several times that it is rung for a job; that costs nothing.
            for answer in connection.callAll(topology.declarations) { _ = try await answer.get(by: deadline) }
            missing = try await connection.publish(messages.filter { missing.contains($0.queue) }).get(by: deadline)
            if let queue = missing.first { throw AMQPError.unroutable(queue) }
        }
    }

    func depth(by deadline: NIODeadline) async throws -> Int {
        try await withConnection(by: deadline) { connection in
            var depth = 0
            // Declared, not only looked at: looking for a queue that was deleted would end the channel.
            for answer in connection.callAll(topology.classDeclarations) {
                guard case .declared(let messages) = try await answer.get(by: deadline) else { continue }
                depth += messages
            }
            return depth
        }
    }

    func close() { link.close() }

    private func withConnection<R>(
        by deadline: NIODeadline, _ body: (AMQPConnection) async throws -> R
    ) async throws -> R {
        let connection = try await link.connection(by: deadline)
        let start = NIODeadline.now()
        do {
            return try await body(connection)
        } catch AMQPError.timedOut {
            // Nothing comes back through it, and the heartbeat would take long to find out. Where most of the time went
            // into connecting, on a slow network, the connection is good and the next caller has all the time.
            if NIODeadline.now() - start >= Self.suspicion { connection.close(because: .timedOut) }
            throw AMQPError.timedOut
        }
    }
}
