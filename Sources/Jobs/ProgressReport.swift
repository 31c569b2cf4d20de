import Synchronization

/// Passes a renderer's progress on to the store, seldom enough to cost nothing: small pictures end before the first report.
struct ProgressReport: Sendable {
    let store: any JobStore
    let claim: Claim
    let changes: JobChanges

    private static let interval = Duration.milliseconds(500)

    /// Runs `body` with a function that takes progress, 0…1, from any thread.
    func whileReporting<R: Sendable>(
        _ body: @escaping @Sendable (@escaping @Sendable (Double) -> Void) async throws -> R
    ) async throws -> R {
        let latest = LatestProgress()
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await body { latest.set($0) } }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.interval)
                    // A report that is lost is made up for by the next one; a lost claim is noticed by the heartbeat.
                    try? await store.report(progress: latest.value, of: claim)
                    changes.announce([claim.job])
                }
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else { throw CancellationError() }
            return result
        }
    }
}

private final class LatestProgress: Sendable {
    private let stored = Mutex(0.0)
    var value: Double { stored.withLock { $0 } }
    func set(_ value: Double) { stored.withLock { $0 = value } }
}
