package import Logging
import ServiceLifecycle

/// Works on jobs: claims what is ready, has it done, publishes the result.
///
/// Every step may be the last: whatever dies, the job is still in the store, and its lease ends.
package struct Processor: Service {
    private let store: any JobStore
    private let queue: any JobQueue
    private let workbench: Workbench
    private let changes: JobChanges
    private let settings: ProcessorSettings
    /// What it has in hand.
    package let workload: Workload
    private let deadLetters: DeadLetters
    /// Of the jobs that were in a process that died one is worked on at a time: each may take as much memory as the process
    /// itself.
    private let suspects = Turns()
    private let logger: Logger

    package init(
        store: any JobStore, queue: any JobQueue, workbench: Workbench, changes: JobChanges, deadLetters: DeadLetters,
        settings: ProcessorSettings, logger: Logger
    ) {
        self.store = store
        self.queue = queue
        self.workbench = workbench
        self.changes = changes
        self.deadLetters = deadLetters
        self.settings = settings
        self.workload = Workload(slots: settings.slots, orders: nil)
        self.logger = logger
    }

    /// Works until it is asked to stop; then it claims no more, finishes what runs within the grace time, and hands the
    /// rest back.
    package func run() async throws {
        let heartbeat = Heartbeat(
            store: store, workload: workload, changes: changes, settings: settings, logger: logger)
        // It takes nothing before it knows whether it may.
        await heartbeat.announce()
        await withTaskGroup { group in
            group.addTask { await heartbeat.run() }
            group.addTask { await endGrace() }
            await withDiscardingTaskGroup { jobs in
                await claimJobs { job in
                    // Counted before its task begins, or the next look would find the same room again.
                    let claim = Claim(job: job.id, worker: settings.worker, fence: job.fence)
                    let effort = workload.add(claim)
                    jobs.addTask { await run(job, under: claim, effort) }
                }
                await leaveQueue()
            }
            group.cancelAll()
        }
        do {
            try await store.withdraw(settings.worker)
        } catch {
            // It is taken for gone a little later, when it is no longer heard of.
            logger.warning("the worker did not take its leave", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// Claims jobs as there is room for them, until the process is asked to stop.
    private func claimJobs(start: (Job) -> Void) async {
        // There may be work from before this process began, for which no bell will ring.
        var mayBeMore = true
        var lastLook = ContinuousClock.now
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            var rings: [Ring] = []
            do {
                let room = workload.room
                guard room > 0 else {
                    if workload.isHalted { await leaveQueue() }
                    await workload.roomBell.wait()
                    continue
                }
                // However many rings come, one may have been lost.
                let isLooking = mayBeMore || lastLook.duration(to: .now) > Self.maxTimeBetweenLooks
                rings = try await cancelWhenGracefulShutdown {
                    isLooking ? [] : try await queue.next(limit: room)
                }
                if workload.isHalted {
                    // Told so while it waited. It leaves the queue next, so that others have the rings.
                    mayBeMore = true
                    continue
                }
                let rung = rings.compactMap(\.job)
                // Not to be interrupted: a claim whose answer is lost costs the job its lease.
                let jobs = try await store.claim(
                    rung.isEmpty ? .next(room, preferring: .drawn()) : .these(rung), by: settings.worker,
                    lease: settings.lease)
                if rung.isEmpty {
                    lastLook = .now
                    mayBeMore = jobs.count == room
                }
                // Before they are this process's own, about which it need not be told.
                changes.announce(jobs.map(\.id))
                for job in jobs { start(job) }
                try await queue.acknowledge(rings)
            } catch is CancellationError {
                continue
            } catch {
                logger.warning("claiming failed", metadata: [LogKey.error: "\(error)"])
                // A queue that has handed out as many as it may would be silent for ever. The look that follows finds their
                // jobs.
                try? await queue.acknowledge(rings)
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pauseAfterFailure) }
                mayBeMore = true
            }
        }
    }

    /// Gives others the rings that this process will not answer.
    private func leaveQueue() async {
        do {
            try await queue.leave()
        } catch {
            logger.warning("the queue was not left", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// Stops what still runs when the grace time is over.
    private func endGrace() async {
        try? await gracefulShutdown()
        // Whoever waits to claim more need not.
        workload.roomBell.ring()
        try? await Task.sleep(for: settings.jobGrace)
        guard !Task.isCancelled else { return }
        workload.shutDown()
        try? await Task.sleep(for: settings.parting)
        workload.abandon()
    }

    private static let maxTimeBetweenLooks = Duration.seconds(5)
    private static let pauseAfterFailure = Duration.seconds(1)
    private static let pauseWithoutBackend = Duration.seconds(2)
}

// MARK: - One job

extension Processor {
    private func run(_ job: Job, under claim: Claim, _ effort: Effort) async {
        defer { workload.remove(claim) }
        var logger = logger
        logger[metadataKey: LogKey.jobID] = "\(job.id)"
        do {
            let product = try await effort.cancelling { try await produce(job, under: claim, effort) }
            try await publish(product, of: job, under: claim)
            logger.info("job done", metadata: [LogKey.seconds: "\(product.duration.seconds)"])
        } catch {
            await settle(job, claim, after: error, effort.stopReason, logger)
        }
    }

    private func produce(_ job: Job, under claim: Claim, _ effort: Effort) async throws -> Product {
        if job.fence == 1 { Measures.waited(job) }
        let product: Product
        if job.crashes > 0 {
            workload.note(claim, isWaiting: true)
            defer { workload.note(claim, isWaiting: false) }
            product = try await suspects.take {
                workload.note(claim, isWaiting: false)
                // If this process dies, the job is charged with that only if it had begun.
                try await store.report(progress: Claim.begun, of: claim)
                return try await work(on: job, under: claim, effort)
            }
        } else {
            product = try await work(on: job, under: claim, effort)
        }
        workload.observe(product.duration)
        return product
    }

    private func work(on job: Job, under claim: Claim, _ effort: Effort) async throws -> Product {
        try await workbench.work(
            on: job, onProgress: effort.note(progress:), onWaiting: { workload.note(claim, isWaiting: $0) })
    }

    private func publish(_ product: Product, of job: Job, under claim: Claim) async throws {
        do {
            let ended = try await persistently {
                try await store.finish(
                    claim, with: product.result, tries: tries(of: job, .done, timings: product.timings),
                    expiresAt: .now + settings.retention)
            }
            conclude(job, claim, [job.id] + ended, isEnd: true)
            Measures.finished(job, in: product.duration, followers: ended.count)
            Measures.made(byteCount: product.result.byteCount)
        } catch let error as JobStoreError where error == .claimLost(job.id) {
            // Nobody will know of these bytes. After any other error they may be the job's result all the same, whose
            // commit was answered too late; the orphan sweep finds out.
            await workbench.discard(product)
            throw error
        }
    }

    /// Tells of jobs that ended, or wait again; this process's own claim is over, so that it need not be told.
    private func conclude(_ job: Job, _ claim: Claim, _ changed: [JobID], isEnd: Bool) {
        workload.remove(claim)
        changes.announce(changed)
        // The receivers of a batch, and of others that ended with it, are not known here.
        if isEnd, job.webhookURL != nil || job.batch != nil || changed.count > 1 { changes.webhookBell.ring() }
    }

    /// Decides what becomes of a job whose try did not end with a result.
    private func settle(
        _ job: Job, _ claim: Claim, after error: any Error, _ stopped: Effort.StopReason?, _ logger: Logger
    ) async {
        do {
            switch (error, stopped) {
            case (JobStoreError.claimLost, _):
                noteLoss(of: job, at: "finish", logger)
            case (_, .claimLost):
                noteLoss(of: job, at: "renewal", logger)
            case (_, .shutdown), (is CancellationError, _):
                try await release(job, claim, logger)
                logger.info("job handed back")
            case (ObjectStorageError.missing, _):
                let failure = JobFailure(
                    code: "expired", message: "the source's bytes are no longer kept", isRetryable: false)
                try await end(job, claim, with: failure)
            case (PictureError.outOfSpace, _), (PictureError.outOfResources, _), (FetchError.outOfSpace, _),
                (FetchError.failed, _),
                (is ObjectStorageError, _), (is JobStoreError, _):
                // Not the job's fault: no attempt is counted. The lane stays taken meanwhile, so that a full disk or an
                // absent backend is not run against at full speed.
                logger.warning("job handed back for want of a backend", metadata: [LogKey.error: "\(error)"])
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pauseWithoutBackend) }
                try await release(job, claim, logger)
            case (let error as any JobError, _):
                try await settle(job, claim, after: error, logger)
            default:
                try await settle(job, claim, after: PictureError.failed(reason: "\(error)"), logger)
            }
        } catch JobStoreError.claimLost {
            noteLoss(of: job, at: "failure", logger)
            // Another has it, or it ended here, and the answer was lost: whoever waits for it shall look.
            conclude(job, claim, [job.id], isEnd: true)
        } catch {
            logger.error("job was left to its lease", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// - Parameter step: which found that the claim is lost.
    private func noteLoss(of job: Job, at step: String, _ logger: Logger) {
        Measures.claimLost()
        logger.warning(
            "claim lost, work discarded", metadata: [LogKey.fence: "\(job.fence)", LogKey.step: "\(step)"])
    }

    private func settle(_ job: Job, _ claim: Claim, after error: any JobError, _ logger: Logger) async throws {
        let failure = error.failure
        if case PictureError.crashed = error {
            // The child died, and the job alone is charged: as if its lease had ended, but at once.
            let failed = try await persistently {
                try await store.crashed(
                    claim, limit: settings.retryPolicy.maxCrashes, failure: failure,
                    tries: tries(of: job, .crashed, failure), expiresAt: .now + settings.retention)
            }
            conclude(job, claim, [job.id] + failed, isEnd: !failed.isEmpty)
            logger.warning("job crashed its process", metadata: [LogKey.error: "\(failure.message)"])
            await deadLetters.add(failed, because: failure)
            if failed.isEmpty { await queue.ring(for: [job.ready], orLogTo: logger) }
        } else if failure.isRetryable, job.attempts + 1 < settings.retryPolicy.maxAttempts {
            var generator = SystemRandomNumberGenerator()
            let policy = settings.retryPolicy
            let delay = max(
                policy.delay(after: job.attempts, using: &generator),
                min(error.retryAfter ?? .zero, policy.maxDelay))
            try await persistently {
                try await store.retry(claim, because: failure, tries: tries(of: job, .retried, failure), after: delay)
            }
            conclude(job, claim, [job.id], isEnd: false)
            Measures.retried()
            logger.warning(
                "job will be tried again",
                metadata: [LogKey.code: "\(failure.code)", LogKey.delaySeconds: "\(delay.seconds)"])
        } else {
            try await end(job, claim, with: failure)
        }
    }

    /// Hands a job back as it was, for anybody to claim at once.
    private func release(_ job: Job, _ claim: Claim, _ logger: Logger) async throws {
        try await persistently { try await store.release([claim]) }
        conclude(job, claim, [job.id], isEnd: false)
        await queue.ring(for: [job.ready], orLogTo: logger)
    }

    private func end(_ job: Job, _ claim: Claim, with failure: JobFailure) async throws {
        let ended = try await persistently {
            try await store.fail(
                claim, because: failure, tries: tries(of: job, .failed, failure), expiresAt: .now + settings.retention)
        }
        conclude(job, claim, [job.id] + ended, isEnd: true)
        await deadLetters.add([job.id] + ended, because: failure)
    }

    /// A job's tries with the one that ends now.
    private func tries(
        of job: Job, _ outcome: Try.Outcome, _ failure: JobFailure? = nil, timings: Timings? = nil
    ) -> Tries {
        let claim = Claim(job: job.id, worker: settings.worker, fence: job.fence)
        return job.tries.adding(
            Try(
                fence: job.fence, worker: settings.worker, host: settings.host, startedAt: job.startedAt ?? .now,
                duration: workload.age(of: claim), outcome: outcome, failure: failure, timings: timings))
    }

    /// Takes a closing step, again and again while the store is away: the work is done, and must not be lost to a restart
    /// of the database. It ends when the store says that the claim is lost.
    private func persistently<R>(_ step: () async throws -> R) async throws -> R {
        while true {
            do {
                return try await step()
            } catch JobStoreError.unavailable, JobStoreError.full {
                try await Task.sleep(for: Self.pauseAfterFailure)
            }
        }
    }
}
