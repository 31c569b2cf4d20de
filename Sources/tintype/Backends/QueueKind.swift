import Jobs
import RabbitMQBackend

/// The doorbell that is configured.
enum QueueKind {
    /// - Returns: `nil` where the store's own ready jobs are the queue.
    static func open(_ context: BackendContext, _ redis: RedisParts?) async throws -> (any JobQueue)? {
        if let address = context.configuration[Settings.rabbitMQURL] {
            return try await ConfigurationError.explaining("RABBITMQ_URL cannot be used") {
                try rabbitMQ(address, context)
            }
        }
        return try await redis?.queue()
    }

    private static func rabbitMQ(_ address: String, _ context: BackendContext) throws -> any JobQueue {
        try RabbitMQQueue(
            RabbitMQSettings(
                url: address, authorityFile: context.configuration[Settings.authorityFile],
                prefetch: context.configuration.slots))
    }
}
