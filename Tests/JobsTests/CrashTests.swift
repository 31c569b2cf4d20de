import Foundation
import Imaging
import Jobs
import Testing
import Threads

@Suite(.timeLimit(.minutes(1))) struct `A job whose process died` {
    @Test func `runs apart, and its next death is charged to it alone`() async throws {
        try await Workshop.with { workshop in
            workshop.isolated.behave { plan in
                if plan.steps[0].specification.name == "sepia" { throw PictureError.crashed(reason: "signal 11") }
            }
            let poison = try await workshop.submit("sepia")
            let neighbour = try await workshop.submit("flip")
            // A process claims both and dies: it is never heard of again.
            try await workshop.claimAndDie()
            try await workshop.reconciler.reclaim()

            try await workshop.whileProcessing {
                #expect(try await workshop.final(neighbour.id).state == .done)
                let failed = try await workshop.final(poison.id)
                #expect(failed.state == .failed && failed.failure?.code == "crashed" && failed.crashes == 3)
                #expect(try await workshop.intake.store.job(neighbour.id).crashes == 1)
            }
            #expect(workshop.renderer.count == 0)
            #expect(workshop.isolated.count == 3)
        }
    }

    @Test func `is said to begin, so that only then another death counts`() async throws {
        try await Workshop.with { workshop in
            let (isSeen, store) = (Flag(), workshop.intake.store)
            workshop.isolated.behave { _ in
                while !isSeen.isRaised { try await Task.sleep(for: .milliseconds(1)) }
            }
            let job = try await workshop.submit("flip")
            try await workshop.claimAndDie()
            try await workshop.reconciler.reclaim()
            try await workshop.whileProcessing {
                var progress = 0.0
                while progress == 0 {
                    progress = try await store.job(job.id).progress
                    await Task.yield()
                }
                isSeen.raise()
                // What it says itself; how far the work is, it says later.
                #expect(progress == Claim.begun)
                #expect(try await workshop.final(job.id).crashes == 1)
            }
        }
    }

    @Test func `counts no death while it waits for others that were in one`() async throws {
        try await Workshop.with { workshop in
            let (isSeen, store) = (Flag(), workshop.intake.store)
            workshop.isolated.behave { _ in
                while !isSeen.isRaised { try await Task.sleep(for: .milliseconds(1)) }
            }
            let jobs = try await [workshop.submit("flip").id, workshop.submit("flop").id, workshop.submit("sepia").id]
            try await workshop.claimAndDie()
            try await workshop.reconciler.reclaim()
            try await workshop.whileProcessing {
                func begun() async throws -> Int { try await store.jobs(jobs).count { $0.progress > 0 } }
                while try await store.jobs(jobs).contains(where: { $0.state == .queued }) {
                    try await Task.sleep(for: .milliseconds(1))
                }
                while try await begun() == 0 { try await Task.sleep(for: .milliseconds(1)) }
                // Long enough for what must not happen.
                try await Task.sleep(for: .milliseconds(200))
                #expect(try await begun() == 1)
                isSeen.raise()
                for job in jobs { #expect(try await workshop.final(job).crashes == 1) }
            }
        }
    }
}
