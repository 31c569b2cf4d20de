import DiskBackend
import Jobs
import Logging
import SystemPackage

/// What stands behind the protocols, as the configuration chose. Each kind of backend has a file of its own beside this
/// one, and a line in its table.
struct Backends: Sendable {
    let store: any JobStore
    let queue: any JobQueue
    let storage: any ObjectStorage
    let scratch: any ScratchSpace
    let changes: JobChanges
    /// Carries hints to and from the other processes; `nil` where there is nothing to carry them.
    let relay: HintRelay?
    let deadLetters: DeadLetters
    /// Asks a Redis that is neither store nor queue; `nil` where there is none.
    let pingRedis: (@Sendable () async throws -> Void)?

    /// - Throws: ``ConfigurationError`` where what is configured cannot be used.
    init(_ configuration: Configuration, role: Role, worker: WorkerID, logger: Logger) async throws {
        let context = BackendContext(configuration: configuration, role: role, worker: worker, logger: logger)
        let folders = try Folders(configuration)
        // The folders first: a database of files lies in one of them.
        scratch = try await folders.scratch()
        storage = try await StorageKind.open(context, folders, scratch)
        let redis = try await RedisParts(context)

        let opened = try await StoreKind.open(context, folders, redis)
        store = opened.store
        deadLetters = DeadLetters(of: store, in: redis?.deadLetters, logger: logger)

        let work = Bell()
        let channel = redis?.hints ?? opened.hints
        let outbox = channel.map { _ in HintOutbox() }
        changes = JobChanges(outbox: outbox)
        if let channel, let outbox {
            relay = HintRelay(channel, outbox: outbox, changes: changes, work: work, logger: logger)
        } else {
            relay = nil
        }
        queue =
            try await QueueKind.open(context, redis)
            ?? StoreQueue(
                store, pauses: .seconds(1)...(channel == nil ? opened.longestPause : .seconds(5)), bell: work,
                outbox: outbox)
        if let redis, ![store.kind, queue.kind].contains("redis") {
            pingRedis = { try await redis.ping() }
        } else {
            pingRedis = nil
        }
    }
}

/// What a backend needs to be opened.
struct BackendContext: Sendable {
    let configuration: Configuration
    let role: Role
    /// This process as a consumer of rings.
    let worker: WorkerID
    let logger: Logger
}
