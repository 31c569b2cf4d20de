import Jobs
import Testing

@Suite struct `Working on a job` {
    @Test(arguments: Backend.allCases)
    func `progress is read back, within 0 and 1`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            let claim = try await scene.claim()
            for (said, kept) in [(0.25, 0.25), (1.5, 1), (-1, 0)] {
                try await scene.store.report(progress: said, of: claim)
                #expect(try await scene.store.job(job.id).progress == kept)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func `a finished job is done, and keeps its result but not its source`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let job = try await scene.submit(file)
            let claim = try await scene.claim()
            scene.clock.advance(by: .seconds(2))
            #expect(try await scene.finish(claim) == [])
            let done = try await scene.store.job(job.id)
            #expect(done.state == .done)
            #expect(done.progress == 1)
            #expect(done.result == scene.result(of: claim))
            #expect(done.finishedAt == scene.clock.now)
            #expect(done.expiresAt == scene.clock.now + Scene.retention)
            #expect(!done.isCached)
            #expect(try await scene.store.unknownBlobs(among: [scene.result(of: claim).blob]) == [])
        }
    }

    @Test(arguments: Backend.allCases)
    func `finishing again with the same result changes nothing`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            let claim = try await scene.claim()
            try await scene.finish(claim)
            let before = try await scene.store.job(job.id)
            scene.clock.advance(by: .seconds(1))
            #expect(try await scene.finish(claim) == [])
            let after = try await scene.store.job(job.id)
            #expect("\(after)" == "\(before)")
        }
    }

    @Test(arguments: Backend.allCases)
    func `results that are published at once are each taken, or refused where they come too late`(
        _ backend: Backend
    ) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            var claims: [Claim] = []
            for quality in 1...40 {
                try await scene.submit(file, quality: quality)
                claims.append(try await scene.claim())
            }
            // Every fourth is somebody else's by now.
            let late = Set(claims.enumerated().filter { $0.offset % 4 == 3 }.map(\.element))
            try await scene.store.release(Array(late))
            let other = WorkerID()
            for _ in late { _ = try await scene.claim(by: other) }
            let refused = try await withThrowingTaskGroup { group in
                for claim in claims {
                    group.addTask { () -> Claim? in
                        do {
                            try await scene.finish(claim)
                            return nil
                        } catch JobStoreError.claimLost(claim.job) { return claim }
                    }
                }
                return try await group.reduce(into: Set<Claim>()) { if let claim = $1 { $0.insert(claim) } }
            }
            #expect(refused == late)
            for claim in claims {
                let job = try await scene.store.job(claim.job)
                #expect(job.state == (late.contains(claim) ? .processing : .done))
                #expect(job.result == (late.contains(claim) ? nil : scene.result(of: claim)))
            }
            // All are still there to be looked up, and nothing else is.
            let results = claims.map { scene.result(of: $0).blob }
            #expect(
                Set(try await scene.store.unknownBlobs(among: results)) == Set(late.map { scene.result(of: $0).blob }))
        }
    }

    @Test(arguments: Backend.allCases)
    func `a failed job says why, and stays so`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            #expect(try await scene.fail(scene.claim()) == [])
            let failed = try await scene.store.job(job.id)
            #expect(failed.state == .failed)
            #expect(failed.failure == Scene.failure)
            #expect(failed.finishedAt == scene.clock.now)
            #expect(failed.expiresAt == scene.clock.now + Scene.retention)
            #expect(failed.attempts == 0)
        }
    }

    @Test(arguments: Backend.allCases)
    func `the last try counts as an attempt where its error was worth another`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            try await scene.store.retry(scene.claim(), because: Scene.trouble, tries: nil, after: .zero)
            _ = try await scene.store.fail(
                scene.claim(), because: Scene.trouble, tries: nil, expiresAt: scene.clock.now + Scene.retention)
            let failed = try await scene.store.job(job.id)
            #expect((failed.state, failed.attempts) == (.failed, 2))
        }
    }

    @Test(arguments: Backend.allCases)
    func `a job tried again counts an attempt and is ready after its delay`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            let claim = try await scene.claim()
            try await scene.store.report(progress: 0.5, of: claim)
            try await scene.store.retry(claim, because: Scene.trouble, tries: nil, after: .seconds(10))
            let waiting = try await scene.store.job(job.id)
            #expect(waiting.state == .queued)
            #expect(waiting.attempts == 1)
            #expect(waiting.crashes == 0)
            #expect(waiting.progress == 0)
            #expect(waiting.failure == Scene.trouble)
            #expect(waiting.runAt == scene.clock.now + .seconds(10))

            scene.clock.advance(by: .milliseconds(9_999))
            #expect(
                try await scene.store.claim(.next(1, preferring: .normal), by: scene.worker, lease: Scene.lease).isEmpty
            )
            #expect(try await scene.store.claim(.these([job.id]), by: scene.worker, lease: Scene.lease).isEmpty)
            #expect(try await scene.readyIDs() == [])
            scene.clock.advance(by: .milliseconds(1))
            let again = try await scene.claim()
            #expect(again.fence == 2)
            try await scene.finish(again)
            let done = try await scene.store.job(job.id)
            #expect(done.failure == nil)
            #expect(done.attempts == 1)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a released job waits where it is told to`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            try await scene.store.release([scene.claim()], after: .seconds(20))
            await #expect(throws: NothingReady.self) { try await scene.claim() }
            scene.clock.advance(by: .seconds(20))
            #expect(try await scene.claim().job == job.id)
            #expect(try await scene.store.job(job.id).attempts == 0)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a released job is ready at once, no attempt counted, its fence as it was`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            let claim = try await scene.claim()
            try await scene.store.release([claim])
            let released = try await scene.store.job(job.id)
            #expect(released.state == .queued)
            #expect((released.attempts, released.crashes, released.fence) == (0, 0, 1))
            #expect(released.runAt == scene.clock.now)
            #expect(try await scene.claim(by: WorkerID()).fence == 2)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a result leaves nothing doomed, and an unused source goes`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            try await scene.submit(file)
            let claim = try await scene.claim()
            scene.clock.advance(by: Scene.retention)
            // The file expires while the job works on it: the job keeps the source.
            _ = try await scene.store.expire(forgetting: scene.clock.now, limit: 10)
            #expect(try await scene.store.doomedBlobs(limit: 10) == [])
            try await scene.finish(claim)
            #expect(try await scene.store.doomedBlobs(limit: 10) == [file.blob])
        }
    }
}
