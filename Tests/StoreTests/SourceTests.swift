import Imaging
import Jobs
import Testing

@Suite struct `What a job works on` {
    private static let url = "https://pictures.example/a%20cat.png?size=1"

    @Test(arguments: Backend.allCases)
    func `a URL takes the place of a file from submission to result`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.store.submit(scene.job(forURL: Self.url), key: nil).job
            let claimed = try #require(
                try await scene.store.claim(.next(1, preferring: .normal), by: scene.worker, lease: Scene.lease).first)
            for found in [job, claimed, try await scene.store.job(job.id)] {
                #expect(found.source == .url(Self.url))
                #expect(found.plan != nil)
            }
            let claim = Claim(job: job.id, worker: scene.worker, fence: claimed.fence)
            let result = scene.result(of: claim)
            _ = try await scene.store.finish(claim, with: result, tries: nil, expiresAt: scene.clock.now + .seconds(60))
            #expect(try await scene.store.job(job.id).result == result)
            scene.clock.advance(by: .seconds(61))
            #expect(try await scene.store.expire(forgetting: .init(milliseconds: 0), limit: 10) == 1)
            #expect(try await scene.store.doomedBlobs(limit: 10) == [result.blob])
        }
    }

    @Test(arguments: Backend.allCases)
    func `two jobs for one URL are worked on each for itself`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let jobs = try [scene.job(forURL: Self.url), scene.job(forURL: Self.url)]
            for job in jobs { _ = try await scene.store.submit(job, key: nil) }
            #expect(try await scene.readyIDs() == jobs.map(\.id))
        }
    }

    @Test(arguments: Backend.allCases)
    func `a job with a URL that failed is tried again`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.store.submit(scene.job(forURL: Self.url), key: nil).job
            let failure = JobFailure(code: "fetch_failed", message: "no answer", isRetryable: true)
            _ = try await scene.store.fail(
                scene.claim(), because: failure, tries: nil, expiresAt: scene.clock.now + .seconds(60))
            let retried = try await scene.store.retryFailed(job.id)
            #expect((retried.state, retried.source) == (.queued, .url(Self.url)))
            #expect(try await scene.readyIDs() == [job.id])
        }
    }

    @Test(arguments: Backend.allCases)
    func `a canceled job with a URL is kept as long as is said`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.store.submit(scene.job(forURL: Self.url), key: nil).job
            let expiresAt = scene.clock.now + .seconds(60)
            let canceled = try await scene.store.cancel(job.id, expiresAt: expiresAt).job
            #expect((canceled.state, canceled.expiresAt) == (.canceled, expiresAt))
            #expect(try await scene.store.expire(forgetting: .init(milliseconds: 0), limit: 10) == 0)
        }
    }

    @Test(arguments: Backend.allCases)
    func `a description is a result like any other, for who asks for it next as well`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            func job() -> Job {
                Job(
                    id: JobID(at: scene.clock.now), source: .file(file.id, file.blob), task: .describe,
                    cacheKey: CacheKey(source: file.sha256, describer: "measured"),
                    publicURL: "https://pictures.example", createdAt: scene.clock.now)
            }
            let first = try await scene.store.submit(job(), key: nil).job
            let claim = try await scene.claim()
            #expect(claim.job == first.id)
            let result = JobResult(
                blob: .result(first.id, fence: claim.fence, fileExtension: "json"), content: .description,
                byteCount: 77)
            _ = try await scene.store.finish(claim, with: result, tries: nil, expiresAt: scene.clock.now + .seconds(60))
            let second = try await scene.store.submit(job(), key: nil).job
            #expect((second.state, second.isCached, second.result) == (.done, true, result))
            let found = try await scene.store.job(second.id)
            #expect(found.result == result)
            guard case .describe = found.task else {
                Issue.record("the job is to describe")
                return
            }
        }
    }
}
