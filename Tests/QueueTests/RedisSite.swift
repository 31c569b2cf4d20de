import Jobs
import RedisBackend
import Synchronization

/// The Redis of the tests.
struct RedisSite: Sendable {
    private let url: String

    init() throws { url = try required("TEST_REDIS_URL") }

    func withQueue(patience: Duration, _ body: (SharedQueue) async throws -> Void) async throws {
        let endpoint = try RedisEndpoint(url: url)
        let prefix = "{tintype-test-\(WorkerID())}"
        let members = Mutex<[(RedisClient, RedisQueue)]>([])
        let shared = SharedQueue(
            join: {
                let client = RedisClient(endpoint)
                // A dead worker's rings are soon taken over.
                let queue = RedisQueue(
                    client, worker: WorkerID(), prefix: prefix, patience: patience, idle: .milliseconds(1500))
                members.withLock { $0.append((client, queue)) }
                return Member(queue: queue) {
                    await queue.close()
                    await client.close()
                }
            }, delete: { try await delete(prefix) })
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(shared))
        } catch {
            outcome = .failure(error)
        }
        for (client, queue) in members.withLock({ $0 }) {
            await queue.close()
            await client.close()
        }
        try await delete(prefix)
        try outcome.get()
    }

    private func delete(_ prefix: String) async throws {
        let client = RedisClient(try RedisEndpoint(url: url))
        for key in try await client.send("KEYS", "\(prefix):*").array ?? [] {
            _ = try await client.send("DEL", .init(key.bytes ?? []))
        }
        await client.close()
    }
}
