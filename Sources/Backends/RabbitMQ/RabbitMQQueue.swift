package import Jobs
package import NIOCore
import NIOPosix

/// Rings through RabbitMQ: quorum queues, one for each class, that several machines keep.
///
/// rabbitmq-c reads and writes the protocol, SwiftNIO moves the bytes: its own sockets block, wait for a full send buffer
/// as long as two heartbeats, know no authorities but those of a file, and compare a certificate with host names only.
///
/// Nothing is connected before it is needed. Rings travel on one connection, deliveries on another, which a process that
/// only rings never opens; RabbitMQ stops reading from those who publish when it is short of memory.
package struct RabbitMQQueue: JobQueue {
    package let kind = "rabbitmq"
    private let publisher: RabbitMQPublisher
    private let consumer: RabbitMQConsumer

    /// How long a call may take, a little less than what is promised.
    private static let longestCall: TimeAmount = .milliseconds(1800)

    /// - Throws: ``RabbitMQSettingsError``. What is wrong on the server, ``check()`` finds.
    package init(
        _ settings: RabbitMQSettings, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(RabbitMQSettingsError) {
        let topology = Topology(prefix: settings.prefix)
        let server = try RabbitMQServer(settings, on: group.next())
        publisher = RabbitMQPublisher(topology, to: server)
        consumer = RabbitMQConsumer(
            topology, prefetch: settings.prefetch, patience: settings.patience, from: server)
    }

    /// Asks for the queues, and sees that the server takes us in.
    ///
    /// - Throws: ``RabbitMQRefusal``; ``JobStoreError/unavailable(reason:)`` where the server is away, which may pass.
    package func check() async throws {
        do {
            _ = try await publisher.depth(by: .now() + Self.longestCall)
        } catch let error as AMQPError where error.isForGood {
            throw RabbitMQRefusal(reason: "\(error)")
        } catch {
            try await translatingErrors { throw error }
        }
    }

    package func ping() async throws { _ = try await depth() }

    package func ring(for jobs: [ReadyJob]) async throws {
        guard !jobs.isEmpty else { return }
        try await translatingErrors { try await publisher.publish(jobs, by: .now() + Self.longestCall) }
    }

    package func next(limit: Int) async throws -> [Ring] {
        try await translatingErrors {
            try await consumer.next(limit: limit, connectingBy: .now() + Self.longestCall)
        }
    }

    package func acknowledge(_ rings: [Ring]) { consumer.acknowledge(rings) }

    /// Closes the connection that consumes: the server then delivers what it had delivered here to others.
    package func leave() { consumer.pause() }

    /// How many rings wait to be delivered.
    package func depth() async throws -> Int? {
        try await translatingErrors { try await publisher.depth(by: .now() + Self.longestCall) }
    }

    /// Closes the connections; what was delivered and not acknowledged goes to others.
    package func close() {
        publisher.close()
        consumer.close()
    }

    private func translatingErrors<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw JobStoreError.unavailable(reason: "\(error)")
        }
    }
}
