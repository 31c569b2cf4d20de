import Jobs
import Testing

@Suite struct `Jobs for the same result` {
    @Test(arguments: Backend.allCases)
    func `the second follows the first and is done with it`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let leader = try await scene.submit(file)
            let follower = try await scene.submit(file)
            #expect(follower.state == .queued)
            #expect(try await scene.readyIDs() == [leader.id])
            #expect(try await scene.store.claim(.these([follower.id]), by: scene.worker, lease: Scene.lease).isEmpty)
            let claim = try await scene.claim()
            let late = try await scene.submit(file)
            #expect(try await scene.finish(claim) == [follower.id, late.id])
            for job in [follower, late] {
                let done = try await scene.store.job(job.id)
                #expect(done.state == .done)
                #expect(done.isCached)
                #expect(done.progress == 1)
                #expect(done.result == scene.result(of: claim))
                #expect(done.finishedAt == scene.clock.now)
                #expect(done.expiresAt == scene.clock.now + Scene.retention)
            }
            #expect(try await scene.store.job(leader.id).isCached == false)
        }
    }

    @Test(arguments: Backend.allCases)
    func `followers fail alike where the leader fails for good`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let leader = try await scene.submit(file)
            let follower = try await scene.submit(file)
            #expect(try await scene.fail(scene.claim()) == [follower.id])
            for job in [leader, follower] {
                let failed = try await scene.store.job(job.id)
                #expect(failed.state == .failed)
                #expect(failed.failure == Scene.failure)
                #expect(failed.expiresAt == scene.clock.now + Scene.retention)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func `followers wait through the leader's second try`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let leader = try await scene.submit(file)
            let follower = try await scene.submit(file)
            try await scene.store.retry(scene.claim(), because: Scene.trouble, tries: nil, after: .zero)
            #expect(try await scene.readyIDs() == [leader.id])
            #expect(try await scene.state(follower) == .queued)
            #expect(try await scene.finish(scene.claim()) == [follower.id])
        }
    }

    @Test(arguments: Backend.allCases)
    func `the oldest follower takes the place of a canceled leader`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let leader = try await scene.submit(file)
            let oldest = try await scene.submit(file)
            let youngest = try await scene.submit(file)
            #expect(try await scene.store.cancel(leader.id, expiresAt: .now).heir == oldest.ready)
            #expect(try await scene.readyIDs() == [oldest.id])
            let claim = try await scene.claim()
            #expect(claim.job == oldest.id)
            #expect(try await scene.finish(claim) == [youngest.id])
            #expect(try await scene.store.job(oldest.id).isCached == false)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a canceled follower leaves its leader alone`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let leader = try await scene.submit(file)
            let follower = try await scene.submit(file)
            #expect(try await scene.store.cancel(follower.id, expiresAt: .now).heir == nil)
            #expect(try await scene.readyIDs() == [leader.id])
            #expect(try await scene.finish(scene.claim()) == [])
            #expect(try await scene.state(follower) == .canceled)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a follower of another file leads when the leader's file is deleted`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let twin = try await scene.insert()
            try await scene.submit(file)
            let own = try await scene.submit(file)
            let other = try await scene.submit(twin)
            #expect(try await scene.store.deleteFile(file.id).heirs == [other.ready])
            #expect(try await scene.state(own) == .canceled)
            let claim = try await scene.claim()
            #expect(claim.job == other.id)
            #expect(try await scene.finish(claim) == [])
        }
    }

    @Test(arguments: Backend.allCases)
    func `forty submitted at once make one computation`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            try await withThrowingTaskGroup { group in
                for _ in 0..<40 { group.addTask { try await scene.submit(file) } }
                try await group.waitForAll()
            }
            #expect(try await scene.readyIDs().count == 1)
            #expect(try await scene.finish(scene.claim()).count == 39)
            #expect(try await scene.store.jobs(JobFilter(state: .done), after: nil, limit: 100).count == 40)
        }
    }
}
