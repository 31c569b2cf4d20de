import Logging
import Testing

@testable import Jobs

@Suite(.timeLimit(.minutes(1))) struct `A heartbeat` {
    @Test func `that the store did not hear comes again at once, not at the next beat`() async throws {
        try await Workshop.with { workshop in
            let job = try await workshop.submit("flip")
            let claim = Claim(job: job.id, worker: WorkerID(), fence: 1)
            _ = try await workshop.intake.store.claim(.these([job.id]), by: claim.worker, lease: .seconds(600))
            // A renewal that is heard says that the claim is lost, which ends the work.
            _ = try await workshop.intake.store.cancel(job.id, expiresAt: .now)
            let workload = Workload(slots: 1)
            let effort = workload.add(claim)
            workshop.database.setAway(true)
            // It beats every 200 s.
            let heartbeat = Heartbeat(
                store: workshop.intake.store, workload: workload, changes: JobChanges(),
                settings: ProcessorSettings(
                    worker: claim.worker, host: "test", version: "0", slots: 1, lease: .seconds(600),
                    retryPolicy: RetryPolicy(maxAttempts: 1), retention: .seconds(3600),
                    shutdownGrace: .seconds(1)),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await withTaskGroup { group in
                group.addTask { await heartbeat.run() }
                // The renewal, and the presence.
                await workshop.database.wait(forRefusals: 2)
                workshop.database.setAway(false)
                await #expect(throws: CancellationError.self) {
                    try await effort.cancelling { try await Task.sleep(for: .seconds(600)) }
                }
                group.cancelAll()
            }
            #expect(effort.stopReason == .claimLost)
        }
    }
}
