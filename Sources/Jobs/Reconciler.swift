package import Logging
import ServiceLifecycle

/// Heals what died halfway: runs in every process, with no leader, since each of its steps is a conditional one that is
/// harmless to repeat.
package struct Reconciler: Service {
    private let store: any JobStore
    private let queue: any JobQueue
    private let storage: any ObjectStorage
    private let changes: JobChanges
    private let deadLetters: DeadLetters
    private let settings: ReconcilerSettings
    private let logger: Logger
    private let clock: any Clock<Duration>

    package init(
        store: any JobStore, queue: any JobQueue, storage: any ObjectStorage, changes: JobChanges,
        deadLetters: DeadLetters, settings: ReconcilerSettings, logger: Logger,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.store = store
        self.queue = queue
        self.storage = storage
        self.changes = changes
        self.deadLetters = deadLetters
        self.settings = settings
        self.logger = logger
        self.clock = clock
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await healLeases() }
                group.addTask { await repeatedly(every: settings.ringInterval, "rings were not swept", ringAgain) }
                group.addTask { await repeatedly(every: settings.expiryInterval, "expiry failed", expire) }
                group.addTask {
                    await repeatedly(
                        every: settings.deadLetterInterval, "dead letters were not copied", deadLetters.rebuild)
                }
                group.addTask { await repeatedly(every: settings.orphanInterval, "orphan sweep failed", sweepOrphans) }
            }
        }
    }

    /// Sweeps expired leases.
    ///
    /// After an absence of the store it only looks, until the store has answered for one lease: the workers that went on
    /// meanwhile could not renew theirs, and shall get to do so before their jobs are taken for crashed. A process that
    /// starts when the store is back needs no such time: heartbeats that failed come again before its first sweep.
    func healLeases() async {
        var patience = Duration.zero
        while await wait(settings.sweepInterval) {
            do {
                if patience > .zero {
                    try await store.ping()
                    patience -= settings.sweepInterval
                } else {
                    try await reclaim()
                }
            } catch {
                patience = settings.lease
                logger.warning("leases were not swept", metadata: [LogKey.error: "\(error)"])
            }
        }
    }

    private func repeatedly(
        every interval: Duration, _ failure: Logger.Message, _ step: () async throws -> Void
    ) async {
        while await wait(interval) {
            do { try await step() } catch { logger.warning(failure, metadata: [LogKey.error: "\(error)"]) }
        }
    }

    /// Waits for 80 to 100 percent of the interval, which spreads the sweeps of many processes.
    ///
    /// - Returns: whether there is still time for a sweep: not once the process is asked to stop.
    private func wait(_ interval: Duration) async -> Bool {
        (try? await clock.sleep(for: interval * Double.random(in: 0.8...1))) != nil
    }
}

/// How often it looks.
package struct ReconcilerSettings: Sendable {
    package var lease: Duration
    package var maxCrashes: Int
    package var retention: Duration
    /// For expired leases. A lease that ends is noticed within this time.
    package var sweepInterval: Duration { min(.seconds(5), lease / 2) }
    /// For rings that were lost while all workers are busy with others: idle ones look into the store by themselves.
    package var ringInterval: Duration { sweepInterval * 3 }
    package var expiryInterval = Duration.seconds(30)
    /// A copy of the dead letters that missed some is whole again after twice this time, mostly sooner.
    package var deadLetterInterval = Duration.seconds(60)
    /// How old bytes must be before they may be orphans: longer than any upload or picture takes.
    package var orphanAge = Duration.seconds(3600)
    package var orphanInterval: Duration { orphanAge }
    /// How long expired things are remembered, to answer 410 rather than 404.
    package var memory = Duration.seconds(30 * 86400)

    package init(lease: Duration, maxCrashes: Int, retention: Duration) {
        self.lease = lease
        self.maxCrashes = maxCrashes
        self.retention = retention
    }
}

// MARK: - Steps

extension Reconciler {
    /// How much one step takes at once, so that it never holds the store for long.
    private static let pageSize = 500

    /// Takes back the jobs of workers that died.
    package func reclaim() async throws {
        let failure = JobFailure.crashed(times: settings.maxCrashes)
        let reclaimed = try await store.reclaimExpiredLeases(
            crashLimit: settings.maxCrashes, failure: failure, expiresAt: .now + settings.retention,
            limit: Self.pageSize)
        guard !reclaimed.requeued.isEmpty || !reclaimed.failed.isEmpty else { return }
        changes.announce(reclaimed.requeued.map(\.id) + reclaimed.failed)
        if !reclaimed.failed.isEmpty { changes.webhookBell.ring() }
        Measures.reclaimed(requeued: reclaimed.requeued.count, failed: reclaimed.failed.count)
        logger.warning(
            "leases expired",
            metadata: [
                LogKey.count: "\(reclaimed.requeued.count)", "dead": "\(reclaimed.failed.count)",
                "jobs": .array((reclaimed.requeued.map(\.id) + reclaimed.failed).map { .stringConvertible($0) }),
            ])
        await deadLetters.add(reclaimed.failed, because: failure)
        await queue.ring(for: reclaimed.requeued, orLogTo: logger)
    }

    /// Rings for ready jobs that nobody came for: the ring was lost, or their back-off has ended.
    package func ringAgain() async throws {
        let jobs = try await store.readyJobs(waitingSince: .now - settings.sweepInterval, limit: Self.pageSize)
        guard !jobs.isEmpty else { return }
        // Where as many rings wait as jobs none was lost: the workers are behind, and more rings would not help them.
        if let depth = try await queue.depth(), depth >= jobs.count { return }
        try await queue.ring(for: jobs)
    }

    /// Expires files and results, and deletes the bytes that nothing refers to any more.
    package func expire() async throws {
        while try await store.expire(forgetting: .now - settings.memory, limit: Self.pageSize) == Self.pageSize {}
        while true {
            let doomed = try await store.doomedBlobs(limit: Self.pageSize)
            for key in doomed { try await storage.delete(key) }
            if !doomed.isEmpty { try await store.forgetBlobs(doomed) }
            Measures.swept(blobs: doomed.count)
            if doomed.count < Self.pageSize { return }
        }
    }

    /// Deletes bytes that were put and never recorded: whoever put them died in between. What bears another name than ours
    /// is somebody else's, whose folder or bucket this is as well.
    package func sweepOrphans() async throws {
        try await storage.forEachPage(writtenBefore: .now - settings.orphanAge) { keys in
            for key in try await store.unknownBlobs(among: keys.filter(\.isGenerated)) {
                try await storage.delete(key)
                logger.info("orphan deleted", metadata: ["key": "\(key)"])
            }
        }
    }
}
