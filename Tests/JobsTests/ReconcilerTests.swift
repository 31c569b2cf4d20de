import Jobs
import Logging
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A reconciler` {
    @Test func `begins no sweep once it is asked to stop, however long that might take`() async throws {
        try await Workshop.with { workshop in
            let job = try await workshop.submit("flip")
            _ = try await workshop.intake.store.claim(.next(1, preferring: .normal), by: WorkerID(), lease: .zero)
            let group = ServiceGroup(
                services: [workshop.reconciler], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            // Its lease is over, so that a sweep would have taken it back.
            #expect(try await workshop.intake.store.job(job.id).state == .processing)
        }
    }
}
