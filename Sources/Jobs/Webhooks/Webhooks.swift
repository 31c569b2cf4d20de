package import Logging
import ServiceLifecycle
import Synchronization

/// Tells receivers of what has ended.
///
/// For each end a delivery is recorded, in the step that notes that it is owed no more, and is posted until it arrives or its
/// tries are used up. So none is lost; where the answer to a try is, or our note of it, the same webhook arrives again under
/// the same id.
package struct Webhooks: Service {
    private let store: any JobStore
    private let sender: any WebhookSender
    private let changes: JobChanges
    private let deadLetters: DeadLetters
    private let settings: WebhookSettings
    private let logger: Logger
    private let diary = Diary()

    package init(
        store: any JobStore, sender: any WebhookSender, changes: JobChanges, deadLetters: DeadLetters,
        settings: WebhookSettings, logger: Logger
    ) {
        self.store = store
        self.sender = sender
        self.changes = changes
        self.deadLetters = deadLetters
        self.settings = settings
        self.logger = logger
    }

    /// Delivers until it is asked to stop; then tries that are under way have a moment to end, and are made again by others
    /// where they do not.
    package func run() async throws {
        await withTaskGroup { group in
            group.addTask {
                await withDiscardingTaskGroup { tries in
                    while !Task.isShuttingDownGracefully && !Task.isCancelled {
                        await look { job in tries.addTask { await attempt(job) } }
                    }
                }
            }
            group.addTask {
                try? await gracefulShutdown()
                try? await Task.sleep(for: Self.parting)
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Records what is owed, begins what is due, and waits for the next occasion.
    private func look(begin: (Job) -> Void) async {
        do {
            try await scheduleOwed()
            let room = diary.room
            if room > 0 {
                let due = try await claimDue(limit: room)
                for job in due { begin(job) }
                if due.count == room { return }
            }
        } catch {
            logger.warning("webhooks were not looked for", metadata: [LogKey.error: "\(error)"])
        }
        try? await cancelWhenGracefulShutdown {
            await changes.webhookBell.wait(atMost: diary.pause(atMost: Self.interval))
            // What ends in crowds is told of in crowds.
            try await Task.sleep(for: Self.crowding)
        }
    }

    /// How often it looks unasked: for what ended in another process, and for tries that have become due.
    private static let interval = Duration.seconds(5)
    private static let crowding = Duration.milliseconds(50)
    private static let parting = Duration.seconds(2)
}

package struct WebhookSettings: Sendable {
    package var worker: WorkerID
    /// How long deliveries are kept after their end.
    package var retention: Duration
    /// What a receiver is told.
    package var body: @Sendable (OwedWebhook) -> String

    package init(worker: WorkerID, retention: Duration, body: @escaping @Sendable (OwedWebhook) -> String) {
        self.worker = worker
        self.retention = retention
        self.body = body
    }
}

// MARK: - Steps

extension Webhooks {
    private static let pageSize = 100
    /// Longer than a try takes, and the note of it: nobody renews this lease.
    private static let lease = Duration.seconds(60)

    /// Records a delivery for each end that is owed one.
    package func scheduleOwed() async throws {
        while true {
            let owed = try await store.owedWebhooks(limit: Self.pageSize)
            try await store.schedule(owed.compactMap(delivery))
            if owed.count < Self.pageSize { return }
        }
    }

    private func delivery(of owed: OwedWebhook) -> NewDelivery? {
        guard let url = owed.webhookURL else { return nil }
        let id = JobID()
        let job = Job(
            id: id, source: .url(url), task: .deliver(Delivery(subject: owed.subject, body: settings.body(owed))),
            cacheKey: CacheKey(alone: id), publicURL: owed.publicURL, createdAt: .now)
        return NewDelivery(of: owed, as: job)
    }

    /// Takes deliveries that are due, each for one ``attempt(_:)``.
    package func claimDue(limit: Int) async throws -> [Job] {
        let jobs = try await store.claim(.deliveries(limit), by: settings.worker, lease: Self.lease)
        for _ in jobs { diary.begin() }
        return jobs
    }

    /// Tries a delivery once, and notes what came of it.
    package func attempt(_ job: Job) async {
        let claim = Claim(job: job.id, worker: settings.worker, fence: job.fence)
        var logger = logger
        logger[metadataKey: LogKey.jobID] = "\(job.id)"
        do {
            try await note(try await send(job), of: job, claim, logger)
        } catch is CancellationError {
            try? await store.release([claim])
        } catch {
            // The lease ends, and it is tried again.
            logger.warning("the outcome of a webhook was not noted", metadata: [LogKey.error: "\(error)"])
        }
        if diary.end() { changes.webhookBell.ring() }
        changes.announce([job.id])
    }

    private func send(_ job: Job) async throws -> WebhookOutcome {
        guard case .deliver(let delivery) = job.task, let text = job.source.url, let url = try? SourceURL(text) else {
            return .refused(reason: "it has no URL that can be asked")
        }
        return try await sender.send(Array(delivery.body.utf8), id: "\(job.id)", to: url)
    }

    private func note(_ outcome: WebhookOutcome, of job: Job, _ claim: Claim, _ logger: Logger) async throws {
        Measures.webhookTried(outcome)
        switch outcome {
        case .delivered:
            try await store.finish(claim, expiresAt: .now + settings.retention)
            logger.info("webhook delivered", metadata: [LogKey.attempts: "\(job.attempts + 1)"])
        case .refused(let reason):
            try await end(job, claim, because: JobFailure(code: "webhook_refused", message: reason, isRetryable: false))
        case .failed(let reason, let retryAfter):
            let failure = JobFailure(code: "webhook_failed", message: reason, isRetryable: true)
            var generator = SystemRandomNumberGenerator()
            let delay = WebhookSchedule.delay(after: job.attempts + 1, retryAfter: retryAfter, using: &generator)
            guard let delay else { return try await end(job, claim, because: failure) }
            try await store.retry(claim, because: failure, after: delay)
            diary.expect(in: delay)
            logger.warning(
                "webhook will be tried again",
                metadata: [LogKey.error: "\(reason)", LogKey.delaySeconds: "\(delay.seconds)"])
        }
    }

    private func end(_ job: Job, _ claim: Claim, because failure: JobFailure) async throws {
        let ended = try await store.fail(claim, because: failure, expiresAt: .now + settings.retention)
        await deadLetters.add([job.id] + ended, because: failure)
    }
}

/// What this process has under way, and when it has to look again.
private final class Diary: Sendable {
    private struct State {
        var running = 0
        var nextTry: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    /// Tries at once: most of the time of each is waiting.
    private static let capacity = 32

    var room: Int { state.withLock { Self.capacity - $0.running } }

    func begin() { state.withLock { $0.running += 1 } }

    /// - Returns: whether there was no room before.
    func end() -> Bool {
        state.withLock { state in
            state.running -= 1
            return state.running == Self.capacity - 1
        }
    }

    /// Takes note that a try becomes due.
    func expect(in delay: Duration) {
        let time = ContinuousClock.now + delay
        state.withLock { $0.nextTry = min($0.nextTry ?? time, time) }
    }

    /// How long nothing is to be done, as far as is known here.
    func pause(atMost limit: Duration) -> Duration {
        state.withLock { state in
            guard let time = state.nextTry else { return limit }
            let pause = ContinuousClock.now.duration(to: time)
            if pause > limit { return limit }
            state.nextTry = nil
            return max(pause, .zero)
        }
    }
}
