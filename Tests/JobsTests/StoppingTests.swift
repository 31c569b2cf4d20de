import Jobs
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A processor that is asked to stop` {
    @Test func `finishes what runs`() async throws {
        try await Workshop.with { workshop in
            let begun = Bell()
            workshop.renderer.behave { _ in
                begun.ring()
                try await Task.sleep(for: .milliseconds(200))
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing { await begun.wait() }
            #expect(try await workshop.intake.store.job(job.id).state == .done)
        }
    }

    @Test func `hands back what does not end within the grace time, with no attempt counted`() async throws {
        try await Workshop.with(grace: .milliseconds(50)) { workshop in
            let begun = Bell()
            workshop.renderer.behave { _ in
                begun.ring()
                try await Task.sleep(for: .seconds(600))
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing { await begun.wait() }
            let released = try await workshop.intake.store.job(job.id)
            #expect(released.state == .queued && released.attempts == 0 && released.crashes == 0)
            #expect(
                try await workshop.intake.store.claim(.next(1, preferring: .normal), by: WorkerID(), lease: .seconds(9))
                    .count == 1)
            // Once when it was submitted, and once for whoever can have it now.
            #expect(workshop.queue.rung == [job.id, job.id])
        }
    }

    @Test func `leaves behind what does not even stop when it is told to, and hands the job back`() async throws {
        let end = Bell()
        defer { end.ring() }
        try await Workshop.with(grace: .milliseconds(50)) { workshop in
            let begun = Bell()
            workshop.renderer.behave { _ in
                begun.ring()
                // As a codec that is deep in one long step, it does not notice that it is cancelled.
                await Task { await end.wait() }.value
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing { await begun.wait() }
            let released = try await workshop.intake.store.job(job.id)
            #expect(released.state == .queued && released.attempts == 0 && released.crashes == 0)
        }
    }
}
