package import Logging
import ServiceLifecycle
import Synchronization

/// Tells receivers of what has ended.
///
/// For each end a delivery is recorded, in the step that notes that it is owed no more, and is posted until it arrives or its
/// tries are used up. Where the answer to a try is lost, or our note of it, the same webhook arrives again under the same
/// id. None is lost, but of what is deleted or begins again before its end was seen: there is no such end then.
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
                    var pause = Self.pauses.lowerBound
                    while !Task.isShuttingDownGracefully && !Task.isCancelled {
                        let found = await look { job in tries.addTask { await attempt(job) } }
                        if found == .more { continue }
                        let isRung = await rest(atMost: pause)
                        let isQuiet = found == .nothing && !isRung
                        pause = isQuiet ? min(pause * 2, Self.pauses.upperBound) : Self.pauses.lowerBound
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

    private enum Found { case nothing, some, more }

    /// Records some of what is owed, and begins what is due.
    private func look(begin: (Job) -> Void) async -> Found {
        var found = Found.nothing
        do {
            let count = try await scheduleOwed()
            if count > 0 { found = count < Self.pageSize ? .some : .more }
        } catch {
            found = .some
            logger.warning("webhooks were not scheduled", metadata: [LogKey.error: "\(error)"])
        }
        do {
            let room = diary.room
            guard room > 0 else { return found }
            let due = try await claimDue(limit: room)
            for job in due { begin(job) }
            if due.count == room { return .more }
            return due.isEmpty || found == .more ? found : .some
        } catch {
            logger.warning("webhooks were not claimed", metadata: [LogKey.error: "\(error)"])
            return .some
        }
    }

    /// Waits for the next occasion.
    /// - Returns: whether the bell rang.
    private func rest(atMost limit: Duration) async -> Bool {
        let isRung = try? await cancelWhenGracefulShutdown {
            let isLate = await changes.webhookBell.wait(atMost: diary.pause(atMost: limit))
            // What ends in crowds is told of in crowds; and places come free one by one.
            try await Task.sleep(for: diary.isBusy ? .milliseconds(10) : .milliseconds(200))
            return !isLate
        }
        return isRung ?? false
    }

    /// How often it looks unasked: for what ended in another process, and for tries that others were to make. Longer and
    /// longer while there is nothing.
    private static let pauses = Duration.seconds(5)...Duration.seconds(30)
    private static let parting = Duration.seconds(2)
}

package struct WebhookSettings: Sendable {
    package var worker: WorkerID
    /// Where this process runs, for people.
    package var host: String
    /// Who ``Receiver/operators`` is.
    package var operatorsReceiver: SourceURL?
    /// A try that fails after this time, and not at once, takes a place from others: its receiver is in trouble.
    package var slowness = Duration.seconds(2)
    /// How long deliveries are kept after their end.
    package var retention: Duration
    /// What a receiver is told.
    package var body: @Sendable (OwedWebhook) -> String

    package init(
        worker: WorkerID, host: String = "", operatorsReceiver: SourceURL?, retention: Duration,
        body: @escaping @Sendable (OwedWebhook) -> String
    ) {
        self.worker = worker
        self.host = host
        self.operatorsReceiver = operatorsReceiver
        self.retention = retention
        self.body = body
    }
}

// MARK: - Steps

extension Webhooks {
    private static let pageSize = 100
    /// Longer than a try takes, and the note of it: nobody renews this lease.
    private static let lease = Duration.seconds(60)
    private static let timeForNotes = Duration.seconds(30)

    /// Records a delivery for each end that is owed one; a page of them.
    /// - Returns: how many.
    @discardableResult
    package func scheduleOwed() async throws -> Int {
        let owed = try await store.owedWebhooks(limit: Self.pageSize)
        try await store.schedule(owed.compactMap(delivery))
        return owed.count
    }

    private func delivery(of owed: OwedWebhook) -> NewDelivery? {
        guard let url = owed.webhookURL else { return nil }
        let id = JobID()
        let job = Job(
            id: id, source: .url(url), task: .deliver(Delivery(subject: owed.subject, body: settings.body(owed))),
            cacheKey: CacheKey(alone: id), publicURL: owed.publicURL, createdAt: .now)
        return NewDelivery(of: owed, as: job)
    }

    /// Takes deliveries that are due, each for one ``attempt(_:)``. Those of a receiver that is in trouble, and has its tries
    /// under way, are put off: they shall not take all places.
    package func claimDue(limit: Int) async throws -> [Job] {
        let jobs = try await store.claim(.deliveries(limit), by: settings.worker, lease: Self.lease)
        let begun = jobs.filter { diary.begin(at: url(of: $0)?.origin) }
        let putOff = Set(jobs.map(\.id)).subtracting(begun.map(\.id))
        try await store.release(
            jobs.filter { putOff.contains($0.id) }.map(claim), after: Diary.trouble * Double.random(in: 0.5...1.5))
        return begun
    }

    /// Tries a delivery once, and notes what came of it.
    package func attempt(_ job: Job) async {
        var logger = logger
        logger[metadataKey: LogKey.jobID] = "\(job.id)"
        let begin = ContinuousClock.now
        var isSlowFailure: Bool?
        do {
            let outcome = try await send(job)
            isSlowFailure = outcome.isFailure && begin.duration(to: .now) >= settings.slowness
            try await note(outcome, of: job, after: begin.duration(to: .now), logger)
        } catch is CancellationError {
            try? await store.release([claim(job)])
        } catch {
            // The lease ends, and it is tried again.
            logger.warning("the outcome of a webhook was not noted", metadata: [LogKey.error: "\(error)"])
        }
        if diary.end(at: url(of: job)?.origin, isSlowFailure) { changes.webhookBell.ring() }
        changes.announce([job.id])
    }

    private func claim(_ job: Job) -> Claim { Claim(job: job.id, worker: settings.worker, fence: job.fence) }

    private func url(of job: Job) -> SourceURL? {
        let text = job.source.url ?? ""
        return text == Receiver.operators ? settings.operatorsReceiver : try? SourceURL(text)
    }

    private func send(_ job: Job) async throws -> WebhookOutcome {
        guard case .deliver(let delivery) = job.task, let url = url(of: job) else {
            return .refused(reason: "there is no URL to send it to; was WEBHOOK_URL taken away?")
        }
        return try await sender.send(Array(delivery.body.utf8), id: "\(job.id)", to: url)
    }

    private func note(
        _ outcome: WebhookOutcome, of job: Job, after duration: Duration, _ logger: Logger
    ) async throws {
        Measures.webhookTried(outcome)
        let claim = claim(job)
        func tries(_ end: Try.Outcome, _ failure: JobFailure? = nil) -> Tries {
            job.tries.adding(
                Try(
                    fence: job.fence, worker: settings.worker, host: settings.host, startedAt: job.startedAt ?? .now,
                    duration: duration, outcome: end, failure: failure))
        }
        switch outcome {
        case .delivered:
            let tries = tries(.done)
            try await persistently {
                try await store.finish(claim, tries: tries, expiresAt: .now + settings.retention)
            }
            logger.info("webhook delivered", metadata: [LogKey.attempts: "\(job.attempts + 1)"])
        case .refused(let reason):
            let failure = JobFailure(code: "webhook_refused", message: reason, isRetryable: false)
            try await end(job, claim, because: failure, tries(.failed, failure))
        case .failed(let reason, let retryAfter):
            let failure = JobFailure(code: "webhook_failed", message: reason, isRetryable: true)
            var generator = SystemRandomNumberGenerator()
            let delay = WebhookSchedule.delay(after: job.attempts + 1, retryAfter: retryAfter, using: &generator)
            guard let delay else { return try await end(job, claim, because: failure, tries(.failed, failure)) }
            let tries = tries(.retried, failure)
            try await persistently { try await store.retry(claim, because: failure, tries: tries, after: delay) }
            diary.expect(in: delay)
            logger.warning(
                "webhook will be tried again",
                metadata: [LogKey.error: "\(reason)", LogKey.delaySeconds: "\(delay.seconds)"])
        }
    }

    private func end(_ job: Job, _ claim: Claim, because failure: JobFailure, _ tries: Tries) async throws {
        _ = try await persistently {
            try await store.fail(claim, because: failure, tries: tries, expiresAt: .now + settings.retention)
        }
        await deadLetters.add([job.id], because: failure)
    }

    /// Takes a closing step, again and again while the store is away and the claim holds: what arrived shall not be sent
    /// again for nothing.
    private func persistently<R>(_ step: () async throws -> R) async throws -> R {
        let deadline = ContinuousClock.now + Self.timeForNotes
        while true {
            do {
                return try await step()
            } catch let error as JobStoreError where error.isPassing && .now < deadline {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// What this process has under way, and when it has to look again.
private final class Diary: Sendable {
    private struct State {
        var running = 0
        /// Of each receiver's origin the tries that are under way.
        var runningAt: [String: Int] = [:]
        /// Until when a receiver is taken for one that does not answer well.
        var troubledUntil: [String: ContinuousClock.Instant] = [:]
        var nextTry: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    /// Tries at once: most of the time of each is waiting.
    private static let capacity = 32
    /// Of a receiver in trouble.
    private static let fewAtOnce = 2
    /// How long a failed try speaks against a receiver.
    static let trouble = Duration.seconds(60)

    var room: Int { state.withLock { Self.capacity - $0.running } }
    var isBusy: Bool { state.withLock { $0.running > Self.capacity / 2 } }

    /// - Returns: whether a try at this receiver may begin.
    func begin(at origin: String?) -> Bool {
        let origin = origin ?? ""
        return state.withLock { state in
            if let time = state.troubledUntil[origin], ContinuousClock.now < time,
                state.runningAt[origin, default: 0] >= Self.fewAtOnce
            {
                return false
            }
            state.running += 1
            state.runningAt[origin, default: 0] += 1
            return true
        }
    }

    /// - Parameter isSlowFailure: `nil` where the try was cut short.
    /// - Returns: whether there was no room before.
    func end(at origin: String?, _ isSlowFailure: Bool?) -> Bool {
        let origin = origin ?? ""
        let now = ContinuousClock.now
        return state.withLock { state in
            state.running -= 1
            state.runningAt[origin, default: 0] -= 1
            if state.runningAt[origin] == 0 { state.runningAt[origin] = nil }
            switch isSlowFailure {
            case true?:
                state.troubledUntil = state.troubledUntil.filter { $0.value > now }
                state.troubledUntil[origin] = now + Self.trouble
            case false?: state.troubledUntil[origin] = nil
            case nil: break
            }
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
