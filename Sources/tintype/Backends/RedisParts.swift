import Jobs
import Logging
import RedisBackend

/// What Redis does where REDIS_URL is set: it rings, carries hints and shows dead letters; and where DATABASE_URL is not
/// set, it is the store as well.
struct RedisParts: Sendable {
    private let client: RedisClient
    private let context: BackendContext
    let hints: any HintChannel
    let deadLetters: any DeadLetterMirror

    /// - Returns: `nil` where REDIS_URL is not set.
    init?(_ context: BackendContext) async throws {
        let configuration = context.configuration
        guard let address = configuration[Settings.redisURL] else { return nil }
        let client = try await ConfigurationError.explaining("REDIS_URL cannot be used") {
            RedisClient(try RedisEndpoint(url: address), rootCertificates: configuration[Settings.authorityFile])
        }
        self.client = client
        self.context = context
        hints = RedisHintChannel(client)
        deadLetters = RedisDeadLetters(client)
    }

    func store() async throws -> OpenedStore {
        try await ConfigurationError.explaining("REDIS_URL cannot be used") {
            let store = try await RedisJobStore(client)
            try await checkPolicy()
            return OpenedStore(store: store)
        }
    }

    func queue() async throws -> any JobQueue {
        do {
            try await checkPolicy()
        } catch let error as JobStoreError {
            // A Redis that only rings may be away: the database has the jobs, and is looked into now and then.
            context.logger.warning("Redis does not answer; it is tried again", metadata: ["error": "\(error)"])
        } catch {
            throw ConfigurationError.unusable(reason: "REDIS_URL cannot be used: \(error)")
        }
        return RedisQueue(client, worker: context.worker)
    }

    /// Refuses a server that may drop what it was given.
    private func checkPolicy() async throws {
        let policy = try await RedisPolicy.read(from: client)
        try policy.check()
        if let warning = policy.warning { context.logger.warning("\(warning)") }
    }
}
