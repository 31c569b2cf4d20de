import Foundation
import Imaging
import Jobs
import Metrics
import MetricsTestKit
import ServiceLifecycle
import Synchronization
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A processor` {
    @Test func `develops a job that was there before it began, and publishes what was made`() async throws {
        try await Workshop.with { workshop in
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                let done = try await workshop.final(job.id)
                #expect(done.state == .done)
                #expect(done.fence == 1 && done.attempts == 0 && done.crashes == 0)
                let result = try #require(done.result)
                let developed = Workshop.developed(try #require(job.plan))
                #expect(try await workshop.bytes(of: result.blob) == developed)
                #expect(result.byteCount == developed.count)
            }
        }
    }

    @Test func `tries again after an error that may pass, and counts it`() async throws {
        let tries = Counter()
        try await Workshop.with { workshop in
            workshop.renderer.behave { _ in
                if tries.next() < 3 { throw PictureError.failed(reason: "flaky") }
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                let done = try await workshop.final(job.id)
                #expect(done.state == .done && done.attempts == 2)
            }
        }
    }

    @Test func `gives up after the last attempt, and says why`() async throws {
        try await Workshop.with(maxAttempts: 2) { workshop in
            workshop.renderer.behave { _ in throw PictureError.failed(reason: "the lens fell off") }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                let failed = try await workshop.final(job.id)
                #expect(failed.state == .failed)
                #expect(failed.failure?.message == "the lens fell off")
                #expect(failed.failure?.isRetryable == true)
                #expect(workshop.renderer.count == 2)
            }
        }
    }

    @Test func `never retries a picture that cannot be decoded`() async throws {
        try await Workshop.with { workshop in
            workshop.renderer.behave { _ in throw PictureError.undecodable(reason: "cut off") }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                let failed = try await workshop.final(job.id)
                #expect(failed.state == .failed && failed.failure?.code == "undecodable_image")
                #expect(failed.failure?.isRetryable == false)
                #expect(workshop.renderer.count == 1)
            }
        }
    }

    @Test func `computes the same thing once for all who ask at the same moment`() async throws {
        try await Workshop.with { workshop in
            var jobs: [Job] = []
            for _ in 0..<10 { jobs.append(try await workshop.submit("sepia")) }
            try await workshop.whileProcessing {
                var results: Set<BlobKey> = []
                for job in jobs {
                    let done = try await workshop.final(job.id)
                    #expect(done.state == .done)
                    results.insert(try #require(done.result).blob)
                }
                #expect(results.count == 1)
                #expect(workshop.renderer.count == 1)
            }
        }
    }

    @Test func `stops work on a job that is canceled, at once, and leaves nothing of it`() async throws {
        // A heartbeat comes every 100 s.
        try await Workshop.with(lease: .seconds(300)) { workshop in
            let (begun, ended) = (Bell(), Bell())
            workshop.renderer.behave { _ in
                defer { ended.ring() }
                begun.ring()
                try await Task.sleep(for: .seconds(600))
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                await begun.wait()
                _ = try await workshop.intake.cancel(job.id)
                await ended.wait()
                workshop.renderer.behave { _ in }
                let next = try await workshop.submit("flip")
                #expect(try await workshop.final(next.id).state == .done)
                #expect(try await workshop.intake.store.job(job.id).state == .canceled)
            }
            #expect(try await workshop.resultKeys().count == 1)
        }
    }

    @Test(arguments: ["result", "error", "crash of its child", "death of its process"])
    func `counts every job that ends, its followers too, and logs those that failed`(_ end: String) async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
            try await Workshop.with { workshop in
                workshop.renderer.behave { _ in
                    if end == "error" { throw PictureError.undecodable(reason: "cut off") }
                }
                workshop.isolated.behave { _ in throw PictureError.crashed(reason: "signal 11") }
                var jobs: Set<JobID> = []
                for _ in 1...3 { jobs.insert(try await workshop.submit("flip").id) }
                for _ in 0..<["crash of its child": 1, "death of its process": 3][end, default: 0] {
                    try await workshop.claimAndDie()
                    try await workshop.reconciler.reclaim()
                }
                try await workshop.whileProcessing {
                    for job in jobs { _ = try await workshop.final(job) }
                }
                let state = end == "result" ? "done" : "failed"
                #expect(
                    metrics.counterTotal(label: "tintype_jobs_finished_total", dimensions: [("state", state)]) == 3)
                let logged = workshop.logged("job failed", "job_id")
                #expect(Set(logged) == Set(state == "failed" ? jobs.map(\.description) : []))
                #expect(logged.count == (state == "failed" ? 3 : 0))
            }
        }
    }

    @Test func `counts a job as done whose result was there before`() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
            try await Workshop.with { workshop in
                let first = try await workshop.submit("flip")
                try await workshop.whileProcessing { _ = try await workshop.final(first.id) }
                #expect(try await workshop.submit("flip").isCached)
                #expect(metrics.counterTotal(label: "tintype_jobs_submitted_total") == 2)
                #expect(
                    metrics.counterTotal(label: "tintype_jobs_finished_total", dimensions: [("state", "done")]) == 2)
            }
        }
    }

    @Test(arguments: ["renewal", "finish"])
    func `says which step found that its claim was lost`(_ step: String) async throws {
        try await Workshop.with { workshop in
            let (begun, end) = (Bell(), Bell())
            workshop.renderer.behave { _ in
                begun.ring()
                await end.wait()
                try Task.checkCancellation()
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                await begun.wait()
                if step == "renewal" {
                    _ = try await workshop.intake.cancel(job.id)
                } else {
                    // As from another process, of which this one hears too late.
                    _ = try await workshop.intake.store.cancel(job.id, expiresAt: .now)
                    end.ring()
                }
            }
            #expect(workshop.logged("claim lost, work discarded", "step") == [step])
        }
    }

    @Test func `hears the next ring though the store was away when it was to answer the last`() async throws {
        let queue = OneByOneQueue()
        try await Workshop.with(queue: queue) { workshop in
            try await workshop.whileProcessing {
                await queue.isAsked.wait()
                workshop.queue.beforeRings { workshop.database.setAway(true) }
                let first = try await workshop.submit("flip")
                // Long enough for what does not happen.
                await queue.isAcknowledged.wait(atMost: .seconds(10))
                workshop.queue.beforeRings {}
                workshop.database.setAway(false)
                #expect(try await workshop.final(first.id).state == .done)
                let second = try await workshop.submit("flop")
                #expect(try await workshop.final(second.id).state == .done)
                #expect(queue.handedOut == [first.id, second.id])
            }
        }
    }

    @Test func `keeps what it made while the store is away, and publishes it then`() async throws {
        // This queue asks the store nothing, so that the step that is refused is the last of the job.
        try await Workshop.with(queue: OneByOneQueue()) { workshop in
            workshop.renderer.behave { _ in workshop.database.setAway(true) }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                await workshop.database.wait(forRefusals: 1)
                workshop.database.setAway(false)
                let done = try await workshop.final(job.id)
                #expect(done.state == .done && done.fence == 1)
                #expect(workshop.renderer.count == 1)
            }
        }
    }

    @Test func `tells who waits of a job that failed, though the store's answer was lost`() async throws {
        try await Workshop.with(queue: OneByOneQueue()) { workshop in
            let (begun, onward) = (Bell(), Bell())
            workshop.renderer.behave { _ in
                begun.ring()
                await onward.wait()
                workshop.database.loseNextAnswer()
                throw PictureError.undecodable(reason: "odd")
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.intake.changes.watching(job.id) { bell in
                try await workshop.whileProcessing {
                    await begun.wait()
                    // That it was claimed may have rung.
                    await bell.wait(atMost: .milliseconds(50))
                    onward.ring()
                    repeat {
                        try #require(await !bell.wait(atMost: .seconds(20)))
                    } while try await workshop.intake.store.job(job.id).state != .failed
                }
            }
        }
    }

    @Test(
        arguments: [
            PictureError.outOfSpace, PictureError.outOfResources(reason: "too many open files"),
            ObjectStorageError.full, ObjectStorageError.unavailable(reason: "away"),
        ] as [any Error])
    func `hands a job back for want of a disk or a storage, with no attempt counted`(_ error: any Error) async throws {
        try await Workshop.with { workshop in
            let begun = Bell()
            workshop.renderer.behave { _ in
                begun.ring()
                throw error
            }
            let job = try await workshop.submit("grayscale")
            // It waits before it tries again, unless it is asked to stop.
            try await workshop.whileProcessing { await begun.wait() }
            let released = try await workshop.intake.store.job(job.id)
            #expect(released.state == .queued && released.attempts == 0 && released.crashes == 0)
            #expect(workshop.queue.rung == [job.id, job.id])
        }
    }

    @Test func `keeps its claims while every slot is busy for longer than a lease`() async throws {
        try await Workshop.with(lease: .seconds(1)) { workshop in
            let jobs = try await [workshop.submit("flip"), workshop.submit("flop")]
            // A thread that blocks, as a codec's would, where a sleeping task would leave it to others.
            workshop.renderer.behave { _ in
                await withCheckedContinuation { continuation in
                    Thread.detachNewThread {
                        Thread.sleep(forTimeInterval: 3)
                        continuation.resume()
                    }
                }
            }
            try await workshop.whileProcessing {
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        while true {
                            try await workshop.reconciler.reclaim()
                            try await Task.sleep(for: .milliseconds(100))
                        }
                    }
                    for job in jobs {
                        let done = try await workshop.final(job.id)
                        #expect(done.state == .done && done.crashes == 0 && done.fence == 1)
                    }
                    group.cancelAll()
                }
            }
        }
    }

    @Test func `claims no more than its slots can take while pictures take long`() async throws {
        try await Workshop.with { workshop in
            let begun = Bell()
            workshop.renderer.behave { _ in
                begun.ring()
                try await Task.sleep(for: .milliseconds(300))
            }
            for angle in 1...12 { _ = try await workshop.submit("hue_rotate:\(angle)") }
            try await workshop.whileProcessing {
                await begun.wait()
                for _ in 0..<20 {
                    // Two slots, as the workshop has them.
                    #expect(try await workshop.intake.store.figures().inProgress <= 2)
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }
    }

    @Test func `says how far a job is while it takes long`() async throws {
        try await Workshop.with { workshop in
            let seen = Bell()
            workshop.renderer.behave { _ in await seen.wait() }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                let running = try await workshop.intake.job(job.id, waiting: .seconds(50)) { $0.progress > 0 }
                #expect(running.progress == 0.5 && running.state == .processing)
                seen.ring()
            }
        }
    }

    @Test func `says at once that it has begun a job`() async throws {
        try await Workshop.with { workshop in
            let end = Bell()
            workshop.renderer.behave(progress: 0) { _ in await end.wait() }
            let job = try await workshop.submit("grayscale")
            try await workshop.intake.changes.watching(job.id) { bell in
                try await workshop.whileProcessing {
                    await bell.wait()
                    let state = try await workshop.intake.store.job(job.id).state
                    #expect(state == .processing)
                    end.ring()
                }
            }
        }
    }
}

/// Hands out one ring at a time, and the next when that is acknowledged, as a queue with a prefetch of one does.
private final class OneByOneQueue: JobQueue {
    let kind = "played"
    let isAsked = Bell()
    let isAcknowledged = Bell()
    private let state = Mutex((waiting: [JobID](), isHeld: false, handedOut: [JobID]()))
    private let bell = Bell()

    var handedOut: [JobID] { state.withLock { $0.handedOut } }

    func ping() {}

    func ring(for jobs: [ReadyJob]) {
        state.withLock { $0.waiting += jobs.map(\.id) }
        bell.ring()
    }

    func next(limit: Int) async throws -> [Ring] {
        isAsked.ring()
        while true {
            let next: JobID? = state.withLock { state in
                guard !state.isHeld, let first = state.waiting.first else { return nil }
                state = (Array(state.waiting.dropFirst()), true, state.handedOut + [first])
                return first
            }
            if let next { return [Ring(job: next)] }
            await bell.wait()
            try Task.checkCancellation()
        }
    }

    func acknowledge(_ rings: [Ring]) {
        guard !rings.isEmpty else { return }
        state.withLock { $0.isHeld = false }
        isAcknowledged.ring()
        bell.ring()
    }

    func depth() -> Int? { nil }
}

/// Counts calls from any thread.
private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
