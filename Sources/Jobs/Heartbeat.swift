import Logging

/// Keeps a process's claims alive, and says how far they are and that the process lives.
///
/// Developing never runs on the cooperative pool, so busy slots cannot keep this from its time.
struct Heartbeat: Sendable {
    let store: any JobStore
    let workload: Workload
    let changes: JobChanges
    let settings: ProcessorSettings
    let logger: Logger

    /// Beats until the task is cancelled.
    func run() async {
        changes.tell(workload)
        await withTaskGroup { group in
            group.addTask { await renewAll() }
            group.addTask { await renewInDoubt() }
            group.addTask { await every(WorkerPresence.interval, announce) }
            group.addTask { await every(Self.progressInterval, reportProgress) }
        }
    }

    /// A store that was away shall hear of every claim before anybody takes it for a dead one's.
    private static let pauseAfterFailure = Duration.seconds(1)
    private static let progressInterval = Duration.milliseconds(500)

    private func every(_ interval: Duration, _ body: () async -> Void) async {
        while !Task.isCancelled {
            await body()
            try? await Task.sleep(for: interval)
        }
    }

    private func renewAll() async {
        let interval = settings.heartbeatInterval
        while !Task.isCancelled {
            let isDone = await renew(workload.claims)
            try? await Task.sleep(for: isDone ? interval : min(interval, Self.pauseAfterFailure))
        }
    }

    /// Renews what others may have changed at once, which tells whether it is still ours: a job that is canceled frees its
    /// slot now, and not at the next beat.
    private func renewInDoubt() async {
        while !Task.isCancelled {
            await workload.doubtBell.wait()
            _ = await renew(workload.takeDoubtful())
        }
    }

    /// - Returns: whether the store knows that they live.
    private func renew(_ claims: [Claim]) async -> Bool {
        guard !claims.isEmpty else { return true }
        do {
            let lost = try await store.renew(claims, lease: settings.lease)
            workload.lose(lost)
            return true
        } catch {
            // The claims may outlive a short absence of the store; where they do not, finishing is refused.
            logger.warning("heartbeat failed", metadata: [LogKey.error: "\(error)"])
            return false
        }
    }

    private func reportProgress() async {
        for (claim, progress) in workload.takeProgress() {
            // A report that is lost is made up for by the next one; a lost claim is noticed by its renewal.
            guard (try? await store.report(progress: progress, of: claim)) != nil else { continue }
            changes.announceProgress(of: claim.job)
        }
    }

    /// Says that the process lives, and does as operators want.
    func announce() async {
        let presence = WorkerPresence(
            id: settings.worker, host: settings.host, slots: settings.slots,
            busy: min(settings.slots, workload.count), version: settings.version, seenAt: .now)
        do {
            let orders = try await store.announce(presence)
            if workload.follow(orders) {
                logger.notice(
                    orders.takesPictures ? "takes jobs again" : "takes no more jobs",
                    metadata: [LogKey.reason: "\(orders.reason)"])
            }
        } catch {
            logger.warning("presence was not announced", metadata: [LogKey.error: "\(error)"])
        }
    }
}
