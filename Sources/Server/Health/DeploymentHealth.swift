import Jobs
import Synchronization

/// How the deployment stands, as this process sees it.
struct DeploymentHealth: Sendable {
    struct Component: Sendable {
        let kind: String
        let isUp: Bool
        let latency: Duration
    }

    let store: Component
    let queue: Component
    let storage: Component
    /// One that is neither store nor queue, and carries hints and dead letters.
    let redis: Component?
    /// The last that could be had, as are the workers: zeros would let who scales by them think that there is no work.
    let figures: QueueFigures
    let workers: [WorkerPresence]

    /// Without its store a process can accept nothing and answer for nothing; without the others it is half of use.
    var status: String {
        if !store.isUp { return "unhealthy" }
        return queue.isUp && storage.isUp && redis?.isUp ?? true ? "healthy" : "degraded"
    }

    /// Asks the back ends, all at once; one that does not answer in time is down.
    init(
        of intake: Intake, pingingRedis ping: (@Sendable () async throws -> Void)?, after last: DeploymentHealth?
    ) async {
        async let redis = Self.redis(ping)
        async let storage = Self.probe(intake.storage.kind) { try await intake.storage.ping() }
        async let store = Self.probe(intake.store.kind) { try await intake.store.ping() }
        async let queue = Self.probe(intake.queue.kind) { try await intake.queue.ping() }
        async let figures = Self.within(Self.patience) { try await intake.store.figures() }
        async let workers = Self.within(Self.patience) {
            try await intake.store.workers(seenWithin: WorkerPresence.patience).filter { $0.slots > 0 }
        }
        self.storage = await storage
        self.store = await store
        self.queue = await queue
        self.redis = await redis
        self.figures = await figures ?? last?.figures ?? QueueFigures()
        self.workers = await workers ?? last?.workers ?? []
    }

    private static let patience = Duration.seconds(2)

    private static func redis(_ ping: (@Sendable () async throws -> Void)?) async -> Component? {
        guard let ping else { return nil }
        return await probe("redis", ping)
    }

    private static func probe(_ kind: String, _ ping: @escaping @Sendable () async throws -> Void) async -> Component {
        let began = ContinuousClock.now
        let isUp = await within(patience, ping) != nil
        return Component(kind: kind, isUp: isUp, latency: ContinuousClock.now - began)
    }

    /// What `body` returns, or `nil` where it throws or takes too long: then it is cancelled, and left to itself, since what
    /// hangs in a system call (a network disk, say) notices nothing.
    private static func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async -> Value? {
        let answer = FirstAnswer<Value>()
        // Which of the errors it was does not matter to who only asks whether it works.
        let work = Task { answer.give(try? await body()) }
        let timer = Task {
            try? await Task.sleep(for: limit)
            answer.give(nil)
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        return await answer.value
    }
}

/// Takes the first of several answers, and waits for none of the others.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private let given = Mutex<Value??>(nil)
    private let bell = Bell()

    func give(_ answer: Value?) {
        given.withLock { $0 = $0 ?? .some(answer) }
        bell.ring()
    }

    var value: Value? {
        get async {
            while true {
                if let answer = given.withLock({ $0 }) { return answer }
                await bell.wait()
                if Task.isCancelled { return nil }
            }
        }
    }
}
