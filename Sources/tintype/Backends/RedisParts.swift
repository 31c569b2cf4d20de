import Jobs
import Logging
import RedisBackend

/// What Redis does where REDIS_URL is set: it rings, carries hints and shows dead letters; and where DATABASE_URL is not
/// set, it is the store as well.
struct RedisParts: Sendable {
    private let client: RedisClient
    private let worker: WorkerID
    let hints: any HintChannel
    let deadLetters: any DeadLetterMirror

    /// - Returns: `nil` where REDIS_URL is not set.
    init?(_ context: BackendContext) async throws {
        let configuration = context.configuration
        guard let address = configuration[Settings.redisURL] else { return nil }
        let client = try await ConfigurationError.explaining("REDIS_URL cannot be used") {
            RedisClient(try RedisEndpoint(url: address), rootCertificates: configuration[Settings.authorityFile])
        }
        // Before anything is written to it. What carries hints only may be as it likes.
        let isStore = configuration[Settings.databaseURL] == nil
        if isStore || configuration[Settings.rabbitMQURL] == nil {
            try await ConfigurationError.explaining("REDIS_URL cannot be used") {
                try await Self.check(client, isStore: isStore, context.logger)
            }
        }
        self.client = client
        worker = context.worker
        hints = RedisHintChannel(client)
        deadLetters = RedisDeadLetters(client)
    }

    /// Refuses a server that does not let us in, or may drop what it is given.
    private static func check(_ client: RedisClient, isStore: Bool, _ logger: Logger) async throws {
        // Many processes may begin at once with the server, which has its own data to load first.
        let deadline = ContinuousClock.now + (isStore ? .seconds(10) : .seconds(2))
        while true {
            do {
                let policy = try await RedisPolicy.read(from: client)
                try policy.check()
                if isStore, let warning = policy.warning { logger.warning("\(warning)") }
                return
            } catch JobStoreError.unavailable where ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
            } catch let error as JobStoreError where !isStore {
                // It only rings, so it may be away: the database has the jobs, and is looked into now and then.
                logger.warning("Redis does not answer; it is tried again", metadata: ["error": "\(error)"])
                return
            }
        }
    }

    func store() async throws -> OpenedStore {
        try await ConfigurationError.explaining("REDIS_URL cannot be used") {
            OpenedStore(store: try await RedisJobStore(client))
        }
    }

    func ping() async throws { _ = try await client.send("PING") }

    func queue() -> any JobQueue { RedisQueue(client, worker: worker) }
}
