import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import Jobs

@Suite(.timeLimit(.minutes(1))) struct `A reconciler` {
    @Test func `begins no sweep once it is asked to stop, however long that might take`() async throws {
        try await Workshop.with { workshop in
            let job = try await workshop.submit("flip")
            try await workshop.claimAndDie()
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

    @Test func `takes no job back before the store has answered for one lease, after it was away`() async throws {
        let clock = PlayedClock()
        try await Workshop.with(lease: .seconds(30), clock: clock) { workshop in
            let job = try await workshop.submit("flip")
            try await workshop.claimAndDie()
            workshop.database.setAway(true)
            clock.play { wait in
                // The first look finds the store away, and the second that it has just come back. Later it goes once more.
                let isAway = wait == 1 || wait == 4
                workshop.database.setAway(isAway)
                return if isAway { true } else { try await workshop.intake.store.job(job.id).state == .processing }
            }
            await workshop.reconciler.healLeases()
            #expect(clock.ends.count > 5)
            let waited = clock.ends[4].duration(to: clock.now)
            // Each pause is up to a fifth shorter than it might be; the sweep comes one pause after the lease.
            #expect(waited >= .seconds(24) && waited <= .seconds(40), "\(waited)")
            #expect(try await workshop.intake.store.job(job.id).state == .queued)
        }
    }

    @Test func `takes jobs back, and goes on, while the queue is away`() async throws {
        try await Workshop.with { workshop in
            let job = try await workshop.submit("flip")
            try await workshop.claimAndDie()
            workshop.queue.setAway(true)
            try await workshop.reconciler.reclaim()
            #expect(try await workshop.intake.store.job(job.id).state == .queued)
            #expect(workshop.logged("a ring was lost", "error").count == 1)
        }
    }

    @Test func `rings again for jobs that nobody came for, unless as many rings wait`() async throws {
        // So that no job is too young for it.
        try await Workshop.with(lease: .seconds(-10)) { workshop in
            let jobs = try await [workshop.submit("flip").id, workshop.submit("flop").id]
            for (depth, rung) in [(0, jobs), (1, jobs), (2, []), (3, [])] as [(Int, [JobID])] {
                workshop.queue.forget()
                workshop.queue.say(depth: depth)
                try await workshop.reconciler.ringAgain()
                #expect(workshop.queue.rung == rung, "\(depth) rings wait")
            }
        }
    }

    @Test(arguments: [Duration.seconds(3600), .seconds(-60)])
    func `deletes old bytes that were never recorded, and no others`(_ orphanAge: Duration) async throws {
        try await Workshop.with(orphanAge: orphanAge) { workshop in
            let job = try await workshop.submit("flip")
            var result: BlobKey?
            try await workshop.whileProcessing { result = try await workshop.final(job.id).result?.blob }
            let orphan = BlobKey.result(JobID(), fence: 1, fileExtension: "png")
            try await workshop.intake.storage.put([1, 2, 3], as: orphan)
            try await workshop.reconciler.sweepOrphans()
            let isOld = orphanAge < .zero
            let kept = try #require(result)
            #expect(try await Set(workshop.resultKeys()) == (isOld ? [kept] : [kept, orphan]))
            #expect(try await workshop.intake.storage.byteCount(of: #require(job.source.blob)) != nil)
        }
    }

    @Test func `deletes nobody else's files, and what a put left that was cut short`() async throws {
        try await Workshop.with(orphanAge: .seconds(-60)) { workshop in
            let orphan = BlobKey.original(FileID())
            // As where both kinds of files share a folder, or the database lies in it.
            let foreign = [
                "originals/tintype.db", "results/notes.1.txt",
                "results/" + orphan.rawValue.dropFirst("originals/".count),
                "originals/more/" + orphan.rawValue.dropFirst("originals/".count), orphan.rawValue + ".jpg",
            ].map { BlobKey(rawValue: $0) }
            let part = BlobKey(rawValue: orphan.rawValue + BlobKey.partSuffix)
            for key in foreign + [orphan, part] { try await workshop.intake.storage.put([1, 2, 3], as: key) }
            try await workshop.reconciler.sweepOrphans()
            for key in foreign { #expect(try await workshop.intake.storage.byteCount(of: key) == 3, "\(key)") }
            for key in [orphan, part] { #expect(try await workshop.intake.storage.byteCount(of: key) == nil, "\(key)") }
        }
    }

    @Test func `makes the mirror of dead letters whole again`() async throws {
        try await Workshop.with { workshop in
            workshop.renderer.behave { _ in throw PictureError.undecodable(reason: "cut off") }
            var jobs: [JobID] = []
            try await workshop.whileProcessing {
                for steps in ["flip", "flop", "sepia"] {
                    jobs.append(try await workshop.submit(steps).id)
                    _ = try await workshop.final(jobs[jobs.count - 1])
                }
            }
            #expect(Set(workshop.mirror.letters.map(\.job)) == Set(jobs))
            // One is no dead letter any more, and the others were lost.
            _ = try await workshop.intake.retry(jobs[1])
            workshop.mirror.replace(with: [])
            try await workshop.deadLetters.rebuild()
            #expect(Set(workshop.mirror.letters.map(\.job)) == [jobs[0], jobs[2]])
            #expect(workshop.mirror.letters.map(\.reason) == Array(repeating: "undecodable_image: cut off", count: 2))
            let times = workshop.mirror.letters.map(\.timestamp)
            #expect(times == times.sorted(by: >))
        }
    }
}

/// A clock whose time passes only where somebody sleeps, and then at once.
private final class PlayedClock: Clock {
    typealias Instant = ContinuousClock.Instant
    typealias Duration = Swift.Duration

    private let start = ContinuousClock.now
    private let slept = Mutex<[ContinuousClock.Instant]>([])
    private let step = Mutex<(@Sendable (Int) async throws -> Bool)>({ _ in true })

    /// When each sleep ended.
    var ends: [ContinuousClock.Instant] { slept.withLock { $0 } }
    var now: ContinuousClock.Instant { ends.last ?? start }
    var minimumResolution: Duration { .zero }

    /// Calls `body` at the end of each sleep, with its number from 1; where it is false, the sleeper is cancelled.
    func play(_ body: @escaping @Sendable (Int) async throws -> Bool) { step.withLock { $0 = body } }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        let count = slept.withLock { slept in
            slept.append(deadline)
            return slept.count
        }
        guard try await step.withLock({ $0 })(count) else { throw CancellationError() }
    }
}
