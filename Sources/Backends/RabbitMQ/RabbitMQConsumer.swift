import Jobs
import NIOCore

/// The hearing end: consumes from all classes, from the first time that somebody waits.
struct RabbitMQConsumer: Sendable {
    private let link: Link<Subscription>
    private let patience: Duration

    init(_ topology: Topology, prefetch: UInt16, patience: Duration, from server: RabbitMQServer) {
        self.patience = patience
        link = Link(on: server.eventLoop) { deadline in
            let inbox = Inbox()
            let events = AMQPEvents(
                onDelivery: { delivery in
                    inbox.put(delivery, of: topology.priority(of: delivery.queue) ?? .normal)
                }, onEnd: { inbox.clear() })
            let connection = try await server.open(
                by: deadline, events: events, requests: topology.declarations + topology.consuming(prefetch: prefetch))
            return Subscription(connection, inbox: inbox)
        }
    }

    /// Waits for rings; empty where none came in time, or where the connection was lost meanwhile.
    func next(limit: Int, connectingBy deadline: NIODeadline) async throws -> [Ring] {
        let end = ContinuousClock.now + patience
        let subscription = try await link.connection(by: deadline)
        while true {
            try Task.checkCancellation()
            let rings = subscription.take(limit)
            let rest = end - .now
            if !rings.isEmpty || rest <= .zero || !subscription.isOpen { return rings }
            await subscription.wait(atMost: rest)
        }
    }

    /// Receipts of a connection that is gone are worth nothing: their rings come again.
    func acknowledge(_ rings: [Ring]) { link.current?.acknowledge(rings) }

    /// Consumes no more until the next call.
    func pause() { link.drop() }

    func close() { link.close() }
}

/// One connection that consumes.
struct Subscription: Linked {
    private let connection: AMQPConnection
    private let inbox: Inbox
    /// Tells its receipts from those of other connections.
    private let mark = "\(WorkerID()) "

    init(_ connection: AMQPConnection, inbox: Inbox) {
        self.connection = connection
        self.inbox = inbox
    }

    var isOpen: Bool { connection.isOpen }

    func close() { connection.close() }

    func take(_ limit: Int) -> [Ring] {
        // What is no job's id was not put there by us: a look at the store, and it is gone.
        inbox.take(limit).map { Ring(job: JobID($0.body), receipt: mark + "\($0.tag)") }
    }

    func wait(atMost limit: Duration) async { await inbox.wait(atMost: limit) }

    func acknowledge(_ rings: [Ring]) {
        let tags = rings.map(\.receipt).filter { $0.hasPrefix(mark) }.compactMap { UInt64($0.dropFirst(mark.count)) }
        if !tags.isEmpty { connection.send(tags.map { .acknowledge(tag: $0) }) }
    }
}
