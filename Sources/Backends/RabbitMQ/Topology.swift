import Jobs

/// The names on the server, and how they are declared. Declaring again what is there changes nothing.
///
/// One quorum queue for each class, because those of RabbitMQ 3 know no priorities. A ring that was handed out too often
/// without being acknowledged goes to the dead queue, for an operator to look at: the store still has its job, and rings
/// again.
struct Topology: Sendable {
    let prefix: String

    static let deliveryLimit: Int64 = 20
    private static let deadLimit: Int64 = 10_000

    func queue(for priority: Priority) -> String { "\(prefix).\(priority.rawValue)" }

    func priority(of queue: String) -> Priority? { Priority.allCases.first { self.queue(for: $0) == queue } }

    private var dead: String { "\(prefix).dead" }

    /// Declares everything.
    var declarations: [AMQPRequest] {
        [
            .declareFanout(dead),
            .declareQueue(
                dead,
                arguments: [
                    "x-queue-type": .text("quorum"), "x-max-length": .number(Self.deadLimit),
                    "x-overflow": .text("drop-head"),
                ]),
            .bind(queue: dead, exchange: dead),
        ] + classDeclarations
    }

    /// Declares the classes' queues; each answer says how many rings wait.
    var classDeclarations: [AMQPRequest] {
        Priority.allCases.map { priority in
            .declareQueue(
                queue(for: priority),
                arguments: [
                    "x-queue-type": .text("quorum"), "x-delivery-limit": .number(Self.deliveryLimit),
                    "x-dead-letter-exchange": .text(dead),
                ])
        }
    }

    /// Consumes from all classes, which begin to deliver in their order.
    ///
    /// - Parameter prefetch: holds for each class, so that none keeps another away: up to three times as many rings lie with
    ///   a busy process. Should it die, or others be idle, the store still has the jobs, and is looked into.
    func consuming(prefetch: UInt16) -> [AMQPRequest] {
        [.prefetch(prefetch)] + Priority.allCases.map { .consume(queue: queue(for: $0)) }
    }
}
