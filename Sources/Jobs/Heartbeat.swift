import Logging

/// Keeps a process's claims alive, and says that the process lives.
///
/// Developing never runs on the cooperative pool, so busy slots cannot keep this from its time.
struct Heartbeat: Sendable {
    let store: any JobStore
    let workload: Workload
    let settings: ProcessorSettings
    let logger: Logger

    /// Beats until the task is cancelled.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await every(settings.heartbeatInterval, renew) }
            group.addTask { await every(Self.presenceInterval, announce) }
        }
    }

    private static let presenceInterval = Duration.seconds(5)

    private func every(_ interval: Duration, _ body: () async -> Void) async {
        while !Task.isCancelled {
            await body()
            try? await Task.sleep(for: interval)
        }
    }

    private func renew() async {
        let claims = workload.claims
        guard !claims.isEmpty else { return }
        do {
            let lost = try await store.renew(claims, lease: settings.lease)
            workload.stop(lost, because: .claimLost)
        } catch {
            // The claims may outlive a short absence of the store; where they do not, finishing is refused.
            logger.warning("heartbeat failed", metadata: [LogKey.error: "\(error)"])
        }
    }

    private func announce() async {
        let presence = WorkerPresence(
            id: settings.worker, host: settings.host, slots: settings.slots,
            busy: min(settings.slots, workload.count), version: settings.version, seenAt: .now)
        do {
            try await store.announce(presence)
        } catch {
            logger.warning("presence was not announced", metadata: [LogKey.error: "\(error)"])
        }
    }
}
