import Imaging
import Jobs
import Testing

@Suite struct `Operating on jobs` {
    @Test(arguments: Backend.allCases)
    func `an unfinished job is canceled, and goes with its file`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let queued = try await scene.submit(file, quality: 1)
            let canceled = try await scene.store.cancel(queued.id, expiresAt: .now).job
            #expect(canceled.state == .canceled)
            #expect(canceled.finishedAt == scene.clock.now)
            #expect(canceled.expiresAt == file.expiresAt)
            #expect(try await scene.readyIDs() == [])
            await #expect(throws: JobStoreError.isFinal(.canceled)) {
                try await scene.store.cancel(queued.id, expiresAt: .now)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func `a final job cannot be canceled`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let done = try await scene.submit(file, quality: 1)
            try await scene.finish(scene.claim())
            let failed = try await scene.submit(file, quality: 2)
            try await scene.fail(scene.claim())
            await #expect(throws: JobStoreError.isFinal(.done)) {
                try await scene.store.cancel(done.id, expiresAt: .now)
            }
            await #expect(throws: JobStoreError.isFinal(.failed)) {
                try await scene.store.cancel(failed.id, expiresAt: .now)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func `a failed job is queued again with nothing held against it`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            try await scene.store.retry(scene.claim(), because: Scene.trouble, tries: nil, after: .zero)
            try await scene.fail(scene.claim())
            scene.clock.advance(by: .seconds(60))
            let again = try await scene.store.retryFailed(job.id)
            for found in [again, try await scene.store.job(job.id)] {
                #expect(found.state == .queued)
                #expect((found.attempts, found.crashes) == (0, 0))
                #expect(found.failure == nil)
                #expect((found.startedAt, found.finishedAt, found.expiresAt) == (nil, nil, nil))
                #expect(found.runAt == scene.clock.now)
                #expect(found.plan?.json == job.plan?.json)
            }
            // The fence goes on: claims of before stay lost.
            #expect(try await scene.claim().fence == 3)
        }
    }

    @Test(arguments: Backend.allCases)
    func `only failed jobs are tried again by hand`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            await #expect(throws: JobStoreError.notFailed(.queued)) { try await scene.store.retryFailed(job.id) }
            let claim = try await scene.claim()
            await #expect(throws: JobStoreError.notFailed(.processing)) { try await scene.store.retryFailed(job.id) }
            try await scene.finish(claim)
            await #expect(throws: JobStoreError.notFailed(.done)) { try await scene.store.retryFailed(job.id) }
        }
    }

    @Test(arguments: Backend.allCases)
    func `a failed job whose source is gone is not tried again`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            scene.clock.advance(by: .seconds(1))
            try await scene.fail(scene.claim())
            scene.clock.advance(by: Scene.retention - .seconds(1))
            _ = try await scene.store.expire(forgetting: scene.clock.now, limit: 10)
            await #expect(throws: JobStoreError.sourceGone) { try await scene.store.retryFailed(job.id) }
            #expect(try await scene.state(job) == .failed)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a job tried again follows one that works for the same result, or takes what it made`(
        _ backend: Backend
    ) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let first = try await scene.submit(file)
            let second = try await scene.submit(file)
            try await scene.fail(scene.claim())
            let third = try await scene.submit(file)
            _ = try await scene.store.retryFailed(first.id)
            #expect(try await scene.readyIDs() == [third.id])
            #expect(try await scene.finish(scene.claim()) == [first.id])
            let cached = try await scene.store.retryFailed(second.id)
            #expect(cached.state == .done)
            #expect(cached.isCached)
        }
    }

    @Test(arguments: Backend.allCases)
    func `jobs are listed newest first, by state and in pages`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            var ids: [JobID] = []
            for quality in 1...5 { ids.insert(try await scene.submit(file, quality: quality).id, at: 0) }
            _ = try await scene.store.cancel(ids[1], expiresAt: .now)
            _ = try await scene.store.cancel(ids[3], expiresAt: .now)
            let first = try await scene.store.jobs(JobFilter(), after: nil, limit: 3)
            let second = try await scene.store.jobs(JobFilter(), after: first.last?.id, limit: 3)
            #expect((first + second).map(\.id) == ids)
            #expect(
                try await scene.store.jobs(JobFilter(state: .canceled), after: nil, limit: 9).map(\.id) == [
                    ids[1], ids[3],
                ])
            #expect(
                try await scene.store.jobs(JobFilter(state: .queued), after: ids[0], limit: 1).map(\.id) == [ids[2]])
            #expect(try await scene.store.jobs(JobFilter(state: .done), after: nil, limit: 9).isEmpty)
        }
    }
}
