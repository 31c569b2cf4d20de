import Imaging
import Jobs
import Testing

@Suite struct `Claiming jobs` {
    @Test(arguments: Backend.allCases)
    func `a claimed job is processing, under a fence one higher`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            scene.clock.advance(by: .seconds(3))
            let claimed = try await scene.store.claim(
                .next(5, preferring: .normal), by: scene.worker, lease: Scene.lease)
            #expect(claimed.map(\.id) == [job.id])
            let stored = try await scene.store.job(job.id)
            for found in claimed + [stored] {
                #expect(found.state == .processing)
                #expect(found.fence == 1)
                #expect(found.startedAt == scene.clock.now)
                #expect(found.plan?.json == job.plan?.json)
            }
            #expect(
                try await scene.store.claim(.next(5, preferring: .normal), by: scene.worker, lease: Scene.lease).isEmpty
            )
        }
    }

    @Test(arguments: Backend.allCases)
    func `the oldest are claimed first, and no more than asked for`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            var ids: [JobID] = []
            for quality in 1...5 {
                ids.append(try await scene.submit(file, quality: quality).id)
                scene.clock.advance(by: .milliseconds(1))
            }
            let first = try await scene.store.claim(.next(2, preferring: .normal), by: scene.worker, lease: Scene.lease)
            let rest = try await scene.store.claim(.next(9, preferring: .normal), by: scene.worker, lease: Scene.lease)
            #expect((first + rest).map(\.id) == ids)
            #expect(first.count == 2)
        }
    }

    @Test(arguments: Backend.allCases)
    func `the preferred class goes first, and the others follow from high to low`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            var ids: [Priority: [JobID]] = [:]
            for (quality, priority) in [Priority.low, .normal, .high, .low, .normal, .high].enumerated() {
                var job = try scene.job(for: file, quality: quality + 1)
                job.priority = priority
                ids[priority, default: []].append(try await scene.store.submit(job, key: nil).job.id)
                scene.clock.advance(by: .milliseconds(1))
            }
            let waiting = try await scene.store.readyJobs(waitingSince: scene.clock.now, limit: 9)
            #expect(waiting.map(\.priority) == [.high, .high, .normal, .normal, .low, .low])

            let request = ClaimRequest.next(3, preferring: .low)
            let first = try await scene.store.claim(request, by: scene.worker, lease: Scene.lease)
            #expect(first.map(\.id) == ids[.low, default: []] + ids[.high, default: []].prefix(1))
            #expect(first.map(\.priority) == [.low, .low, .high])
            let rest = try await scene.store.claim(request, by: scene.worker, lease: Scene.lease)
            #expect(rest.map(\.id) == ids[.high, default: []].dropFirst() + ids[.normal, default: []])
        }
    }

    @Test(arguments: Backend.allCases)
    func `a job that another of higher priority waits for is claimed as early as that one`(
        _ backend: Backend
    ) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            var low = try scene.job(for: file, quality: 1)
            low.priority = .low
            let leader = try await scene.store.submit(low, key: nil).job
            try await scene.submit(file, quality: 2)
            var high = try scene.job(for: file, quality: 1)
            high.priority = .high
            _ = try await scene.store.submit(high, key: nil)
            let claimed = try await scene.store.claim(
                .next(1, preferring: .normal), by: WorkerID(), lease: Scene.lease)
            #expect(claimed.map(\.id) != [leader.id])
            let next = try await scene.store.claim(.next(1, preferring: .high), by: scene.worker, lease: Scene.lease)
            #expect(next.map(\.id) == [leader.id])
        }
    }

    @Test(arguments: Backend.allCases)
    func `jobs asked for by id are claimed where they are ready`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let running = try await scene.submit(file, quality: 1)
            _ = try await scene.claim()
            let ready = try await scene.submit(file, quality: 2)
            let other = try await scene.submit(file, quality: 3)
            let claimed = try await scene.store.claim(
                .these([running.id, ready.id, ready.id, JobID()]), by: scene.worker, lease: Scene.lease)
            #expect(claimed.map(\.id) == [ready.id])
            #expect(try await scene.state(other) == .queued)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a job goes to one worker only`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            for quality in 1...60 { try await scene.submit(file, quality: quality) }
            let claimed = try await withThrowingTaskGroup { group in
                for _ in 0..<16 {
                    group.addTask {
                        let worker = WorkerID()
                        var mine: [JobID] = []
                        while true {
                            let jobs = try await scene.store.claim(
                                .next(2, preferring: .normal), by: worker, lease: Scene.lease)
                            if jobs.isEmpty { return mine }
                            mine += jobs.map(\.id)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 60)
            #expect(Set(claimed).count == 60)
        }
    }

    /// Everything that a worker can say of a job.
    enum Word: CaseIterable {
        case report, finish, fail, retry, crashed
    }

    /// How a claim comes to hold no more.
    enum Loss: CaseIterable {
        case otherWorker, olderFence, reclaimed, finished, canceled
    }

    @Test(arguments: Backend.allCases, Loss.allCases)
    func `who lost a claim changes nothing any more`(_ backend: Backend, _ loss: Loss) async throws {
        for word in Word.allCases {
            try await backend.withStore { scene in
                let job = try await scene.submit(scene.insert())
                var claim = try await scene.claim()
                switch loss {
                case .otherWorker: claim = Claim(job: job.id, worker: WorkerID(), fence: claim.fence)
                case .olderFence:
                    try await scene.store.release([claim])
                    _ = try await scene.claim()
                case .reclaimed:
                    scene.clock.advance(by: Scene.lease)
                    _ = try await scene.reclaim()
                case .finished: try await scene.fail(claim)
                case .canceled: _ = try await scene.store.cancel(job.id, expiresAt: .now)
                }
                let before = try await scene.store.job(job.id)
                await #expect(throws: JobStoreError.claimLost(job.id)) { try await say(word, of: claim, in: scene) }
                #expect(try await scene.store.renew([claim], lease: Scene.lease) == [claim])
                try await scene.store.release([claim])
                let after = try await scene.store.job(job.id)
                #expect("\(after)" == "\(before)")
                // What it made is not the store's, so that it is swept.
                let orphan = scene.result(of: claim).blob
                #expect(try await scene.store.unknownBlobs(among: [orphan]) == [orphan])
            }
        }
    }

    private func say(_ word: Word, of claim: Claim, in scene: Scene) async throws {
        switch word {
        case .report: try await scene.store.report(progress: 0.5, of: claim)
        case .finish: try await scene.finish(claim)
        case .fail: try await scene.fail(claim)
        case .retry: try await scene.store.retry(claim, because: Scene.trouble, tries: nil, after: .zero)
        case .crashed:
            _ = try await scene.store.crashed(
                claim, limit: 3, failure: Scene.failure, tries: nil, expiresAt: scene.clock.now)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a renewed lease runs from now`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            let claim = try await scene.claim()
            scene.clock.advance(by: Scene.lease - .seconds(1))
            #expect(try await scene.store.renew([claim], lease: Scene.lease) == [])
            scene.clock.advance(by: Scene.lease - .milliseconds(1))
            #expect(try await scene.reclaim() == Reclaimed())
            scene.clock.advance(by: .milliseconds(1))
            #expect(try await scene.reclaim() == Reclaimed(requeued: [job.ready]))
        }
    }

    @Test(arguments: Backend.allCases)
    func `renewing tells which claims no longer hold, and renews the others`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            try await scene.submit(file, quality: 1)
            try await scene.submit(file, quality: 2)
            let (lost, held) = (try await scene.claim(), try await scene.claim())
            _ = try await scene.store.cancel(lost.job, expiresAt: .now)
            scene.clock.advance(by: .seconds(29))
            #expect(try await scene.store.renew([lost, held], lease: Scene.lease) == [lost])
            scene.clock.advance(by: .seconds(29))
            #expect(try await scene.reclaim() == Reclaimed())
        }
    }
}
