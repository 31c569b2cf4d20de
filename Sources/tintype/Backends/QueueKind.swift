import Jobs
import Logging
import RabbitMQBackend

/// The doorbell that is configured.
enum QueueKind {
    /// - Returns: `nil` where the store's own ready jobs are the queue.
    static func open(_ context: BackendContext, _ redis: RedisParts?) async throws -> (any JobQueue)? {
        if let address = context.configuration[Settings.rabbitMQURL] {
            return try await ConfigurationError.explaining("RABBITMQ_URL cannot be used") {
                try await rabbitMQ(address, context)
            }
        }
        return redis?.queue()
    }

    private static func rabbitMQ(_ address: String, _ context: BackendContext) async throws -> any JobQueue {
        let queue = try RabbitMQQueue(
            RabbitMQSettings(
                url: address, authorityFile: context.configuration[Settings.authorityFile],
                prefetch: context.configuration.slots))
        do {
            try await queue.check()
        } catch let error as JobStoreError {
            // It only rings, so it may be away: the store has the jobs, and is looked into now and then.
            context.logger.warning("RabbitMQ does not answer; it is tried again", metadata: ["error": "\(error)"])
        }
        return queue
    }
}
