import FoundationEssentials
import Jobs
import SQLBackend
import SQLiteBackend
import SystemPackage

/// The job queues there are; every promise of the protocol is tested on each that makes it, on its real server.
enum QueueBackend: CaseIterable, Sendable {
    case store
    case redis
    case rabbitMQ

    /// Those that carry rings of their own, for jobs that they name; the store's queue only says that there is work.
    static let carrying: [QueueBackend] = [.redis, .rabbitMQ]

    /// Lends a queue under a name of its own, and removes it afterwards.
    ///
    /// - Parameters:
    ///   - slots: how many rings a member may hold that it has not acknowledged, of each class.
    ///   - patience: how long a member's `next` waits.
    func withQueue(
        slots: Int = 16, patience: Duration = .seconds(1), _ body: (SharedQueue) async throws -> Void
    ) async throws {
        switch self {
        case .store:
            try await withTemporaryFolder { folder in
                let store = try await SQLJobStore(try await SQLiteDatabase(path: folder.appending("store.db").string))
                let queue = StoreQueue(store, pauses: patience...patience)
                try await body(SharedQueue(join: { Member(queue: queue) {} }, delete: {}))
            }
        case .redis: try await RedisSite().withQueue(patience: patience, body)
        case .rabbitMQ: try await RabbitMQSite().withQueue(slots: slots, patience: patience, body)
        }
    }

    /// What the script that runs the servers calls this one.
    var service: String {
        switch self {
        case .store: "none"
        case .redis: "redis"
        case .rabbitMQ: "rabbitmq"
        }
    }
}

/// One queue on the server, as the processes of a fleet share it.
struct SharedQueue: Sendable {
    /// Joins as one more process.
    let join: @Sendable () async throws -> Member
    /// Deletes the queue on the server, as somebody's mistake would.
    let delete: @Sendable () async throws -> Void
}

/// One process's end of a queue.
struct Member: Sendable {
    let queue: any JobQueue
    /// Drops its connections without a word of goodbye, as the death of the process would.
    let die: @Sendable () async -> Void
}

private func withTemporaryFolder(_ body: (FilePath) async throws -> Void) async throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "tintype-queue-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try await body(FilePath(url.path))
}
