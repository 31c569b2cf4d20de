import Jobs
import Testing

@Suite struct `Healing a store` {
    @Test(arguments: Backend.allCases)
    func `a job whose lease has ended counts a crash and is ready again`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            _ = try await scene.claim()
            scene.clock.advance(by: Scene.lease - .milliseconds(1))
            #expect(try await scene.reclaim() == Reclaimed())
            scene.clock.advance(by: .milliseconds(1))
            #expect(try await scene.reclaim() == Reclaimed(requeued: [job.ready]))
            #expect(try await scene.reclaim() == Reclaimed())
            let stored = try await scene.store.job(job.id)
            #expect(stored.state == .queued)
            #expect((stored.attempts, stored.crashes) == (0, 1))
            #expect(stored.runAt == scene.clock.now)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a job that crashes too often fails, with its followers`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let job = try await scene.submit(file)
            let follower = try await scene.submit(file)
            for _ in 1...2 {
                try await scene.store.report(progress: Claim.begun, of: scene.claim())
                scene.clock.advance(by: Scene.lease)
                #expect(try await scene.reclaim() == Reclaimed(requeued: [job.ready]))
            }
            try await scene.store.report(progress: Claim.begun, of: scene.claim())
            scene.clock.advance(by: Scene.lease)
            #expect(try await scene.reclaim() == Reclaimed(failed: [job.id, follower.id]))
            for job in [job, follower] {
                let failed = try await scene.store.job(job.id)
                #expect(failed.state == .failed)
                #expect(failed.failure == Scene.failure)
                #expect(failed.expiresAt == scene.clock.now + Scene.retention)
            }
            #expect(try await scene.store.job(job.id).crashes == 3)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a job that has crashed, and was not begun again, is not charged until that is odd`(
        _ backend: Backend
    ) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            for _ in 1...Claim.maxUnbegun {
                _ = try await scene.claim()
                scene.clock.advance(by: Scene.lease)
                #expect(try await scene.reclaim() == Reclaimed(requeued: [job.ready]))
                #expect(try await scene.store.job(job.id).crashes == 1)
            }
            _ = try await scene.claim()
            scene.clock.advance(by: Scene.lease)
            #expect(try await scene.reclaim() == Reclaimed(requeued: [job.ready]))
            #expect(try await scene.store.job(job.id).crashes == 2)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a crash that is reported is counted at once`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let job = try await scene.submit(file)
            let follower = try await scene.submit(file)
            func crash() async throws -> [JobID] {
                try await scene.store.crashed(
                    scene.claim(), limit: 2, failure: Scene.failure, tries: nil,
                    expiresAt: scene.clock.now + Scene.retention)
            }
            #expect(try await crash() == [])
            #expect(try await scene.readyIDs() == [job.id])
            #expect(try await crash() == [job.id, follower.id])
            #expect(try await scene.state(job) == .failed)
            #expect(try await scene.store.job(job.id).crashes == 2)
        }
    }

    @Test(arguments: Backend.allCases)
    func `ready jobs that wait too long are named, oldest first`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let begin = scene.clock.now
            let first = try await scene.submit(file, quality: 1)
            scene.clock.advance(by: .seconds(1))
            let second = try await scene.submit(file, quality: 2)
            scene.clock.advance(by: .seconds(1))
            #expect(try await scene.store.readyJobs(waitingSince: begin, limit: 9) == [])
            #expect(try await scene.store.readyJobs(waitingSince: begin + .milliseconds(1), limit: 9) == [first.ready])
            #expect(
                try await scene.store.readyJobs(waitingSince: scene.clock.now, limit: 9) == [first.ready, second.ready])
            #expect(try await scene.store.readyJobs(waitingSince: scene.clock.now, limit: 1) == [first.ready])
        }
    }

    @Test(arguments: Backend.allCases)
    func `what is due expires, is remembered, and then forgotten`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let job = try await scene.submit(file)
            let claim = try await scene.claim()
            try await scene.finish(claim)
            let begin = scene.clock.now
            scene.clock.advance(by: Scene.retention - .milliseconds(1))
            #expect(try await scene.store.expire(forgetting: begin, limit: 10) == 0)
            scene.clock.advance(by: .milliseconds(1))
            #expect(try await scene.store.expire(forgetting: begin, limit: 10) == 2)

            await #expect(throws: JobStoreError.expired) { try await scene.store.file(file.id) }
            await #expect(throws: JobStoreError.expired) { try await scene.store.deleteFile(file.id) }
            await #expect(throws: JobStoreError.expired) { try await scene.store.job(job.id) }
            await #expect(throws: JobStoreError.expired) { try await scene.store.cancel(job.id, expiresAt: .now) }
            await #expect(throws: JobStoreError.expired) { try await scene.store.retryFailed(job.id) }
            #expect(try await scene.store.files(after: nil, limit: 10).isEmpty)
            #expect(try await scene.store.jobs(JobFilter(), after: nil, limit: 10).isEmpty)
            #expect(Set(try await scene.store.doomedBlobs(limit: 10)) == [file.blob, scene.result(of: claim).blob])

            let expiredAt = scene.clock.now
            _ = try await scene.store.expire(forgetting: expiredAt, limit: 10)
            await #expect(throws: JobStoreError.expired) { try await scene.store.job(job.id) }
            _ = try await scene.store.expire(forgetting: expiredAt + .milliseconds(1), limit: 10)
            await #expect(throws: JobStoreError.unknown) { try await scene.store.job(job.id) }
            await #expect(throws: JobStoreError.unknown) { try await scene.store.file(file.id) }
        }
    }

    @Test(arguments: Backend.allCases)
    func `an unfinished job does not expire, and neither does a job before its time`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let done = try await scene.submit(file, quality: 1)
            let claim = try await scene.claim()
            let waiting = try await scene.submit(file, quality: 2)
            scene.clock.advance(by: Scene.retention)
            try await scene.finish(claim)
            #expect(try await scene.store.expire(forgetting: scene.clock.now, limit: 10) == 1)
            #expect(try await scene.state(done) == .done)
            #expect(try await scene.state(waiting) == .queued)
        }
    }

    @Test(arguments: Backend.allCases)
    func `no more expires at once than asked for`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            for quality in 1...5 {
                try await scene.submit(file, quality: quality)
                try await scene.finish(scene.claim())
            }
            scene.clock.advance(by: Scene.retention)
            var counts: [Int] = []
            for _ in 1...4 { counts.append(try await scene.store.expire(forgetting: scene.clock.now, limit: 2)) }
            #expect(counts == [2, 2, 2, 0])
        }
    }

    @Test(arguments: Backend.allCases)
    func `a result that others share outlives the job that made it`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let maker = try await scene.submit(file)
            let claim = try await scene.claim()
            try await scene.finish(claim, keptFor: .seconds(10))
            let sharer = try await scene.submit(file)
            scene.clock.advance(by: .seconds(10))
            #expect(try await scene.store.expire(forgetting: scene.clock.now, limit: 10) == 1)
            await #expect(throws: JobStoreError.expired) { try await scene.store.job(maker.id) }
            #expect(try await scene.store.job(sharer.id).result == scene.result(of: claim))
            #expect(try await scene.store.doomedBlobs(limit: 10) == [])
            // Its cache entry went with its maker.
            #expect(try await scene.submit(file).state == .queued)
        }
    }

    @Test(arguments: Backend.allCases)
    func `an idempotency key is free again when its job has expired`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let key = IdempotencyKey(key: "k", fingerprint: "a")
            let first = try await scene.submit(scene.insert(), key: key)
            try await scene.finish(scene.claim())
            scene.clock.advance(by: Scene.retention)
            _ = try await scene.store.expire(forgetting: scene.clock.now, limit: 10)
            #expect(try await scene.submit(scene.insert(), key: key).id != first.id)
        }
    }
}
