import Imaging
import Jobs
import Testing

@Suite struct `A batch` {
    private static func batch(of total: Int, in scene: Scene) -> Batch {
        Batch(
            id: BatchID(at: scene.clock.now), publicURL: "https://pictures.example", total: total,
            createdAt: scene.clock.now, retention: .seconds(60), webhookURL: nil)
    }

    private static func image(_ line: Int, _ url: String, of batch: Batch, in scene: Scene) throws -> BatchImage {
        let plan = try Plan(steps: [])
        var job = Job(
            id: JobID(at: scene.clock.now), source: .url(url), task: .develop(plan),
            cacheKey: CacheKey(url: url, plan: plan, in: batch.id, part: 0), publicURL: batch.publicURL,
            createdAt: scene.clock.now)
        job.batch = batch.id
        return BatchImage(entry: entry(line, url), job: job)
    }

    private static func entry(_ line: Int, _ url: String, failure: JobFailure? = nil) -> BatchEntry {
        BatchEntry(line: line, serialNumber: "\(line - 1)", productName: "Käse, \"gut\"", url: url, failure: failure)
    }

    /// One with three images, the second of which cannot be used, and the others of which are the same.
    private static func begin(in scene: Scene, key: IdempotencyKey? = nil) async throws -> (Batch, [BatchImage]) {
        let batch = try await scene.store.begin(Self.batch(of: 3, in: scene), key: key).batch
        let failure = JobFailure(code: "forbidden_url", message: "line 3: no URL", isRetryable: false)
        let images = [
            try image(2, "https://a.example/1.png", of: batch, in: scene),
            BatchImage(entry: entry(3, "gopher://", failure: failure), job: nil),
            try image(4, "https://a.example/1.png", of: batch, in: scene),
        ]
        return (batch, images)
    }

    @Test(arguments: Backend.allCases)
    func `is read back as it was added, with its jobs as they are`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let (batch, images) = try await Self.begin(in: scene)
            let ready = try await scene.store.add(images, at: 0, to: batch.id)
            // The third is the same picture as the first, and is not fetched again.
            #expect(ready.map(\.id) == [try #require(images[0].job).id])
            let found = try await scene.store.images(of: batch.id, from: 0, limit: 10)
            #expect(found.map(\.entry) == images.map(\.entry))
            #expect(found.map(\.job?.id) == images.map(\.job?.id))
            #expect(found[0].job?.batch == batch.id && found[0].job?.state == .queued)
            let jobs = images.compactMap(\.job?.id)
            for state in [nil, Job.State.queued] {
                let listed = try await scene.store.jobs(JobFilter(state: state, batch: batch.id), after: nil, limit: 10)
                #expect(listed.map(\.id) == jobs.reversed())
                let next = try await scene.store.jobs(
                    JobFilter(state: state, batch: batch.id), after: jobs[1], limit: 10)
                #expect(next.map(\.id) == [jobs[0]])
            }
            #expect(try await scene.store.jobs(JobFilter(state: .done, batch: batch.id), after: nil, limit: 10).isEmpty)
            let page = try await scene.store.images(of: batch.id, from: 1, limit: 1)
            #expect(page.map(\.entry.line) == [3])

            let counted = try await scene.store.batch(batch.id)
            #expect((counted.total, counted.done, counted.failed) == (3, 0, 1))
            #expect(!counted.isComplete && counted.createdAt == batch.createdAt)
            #expect(counted.publicURL == batch.publicURL && counted.retention == batch.retention)
        }
    }

    @Test(arguments: Backend.allCases)
    func `is complete when the last image has ended, whatever its end`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let (batch, images) = try await Self.begin(in: scene)
            _ = try await scene.store.add(images, at: 0, to: batch.id)
            scene.clock.advance(by: .seconds(5))
            try await scene.finish(scene.claim())
            let done = try await scene.store.batch(batch.id)
            #expect((done.done, done.failed, done.finishedAt) == (2, 1, scene.clock.now))
        }
    }

    @Test(arguments: Backend.allCases)
    func `counts what fails, is canceled, and is tried again`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let batch = try await scene.store.begin(Self.batch(of: 2, in: scene), key: nil).batch
            let images = try (1...2).map {
                try Self.image($0 + 1, "https://a.example/\($0).png", of: batch, in: scene)
            }
            _ = try await scene.store.add(images, at: 0, to: batch.id)
            let failure = JobFailure(code: "fetch_failed", message: "no answer", isRetryable: true)
            _ = try await scene.store.fail(
                scene.claim(), because: failure, tries: nil, expiresAt: scene.clock.now + .seconds(60))
            _ = try await scene.store.cancel(
                #require(images[1].job).id, expiresAt: scene.clock.now + .seconds(60))
            let ended = try await scene.store.batch(batch.id)
            #expect((ended.failed, ended.isComplete) == (2, true))

            _ = try await scene.store.retryFailed(#require(images[0].job).id)
            let reopened = try await scene.store.batch(batch.id)
            #expect((reopened.failed, reopened.isComplete) == (1, false))
            try await scene.finish(scene.claim())
            let done = try await scene.store.batch(batch.id)
            #expect((done.done, done.failed, done.isComplete) == (1, 1, true))
        }
    }

    @Test(arguments: Backend.allCases)
    func `under a known key is the first, and takes each image once`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let key = IdempotencyKey(key: "k", fingerprint: "f")
            let (batch, images) = try await Self.begin(in: scene, key: key)
            _ = try await scene.store.add(Array(images[..<2]), at: 0, to: batch.id)

            let again = try await scene.store.begin(Self.batch(of: 3, in: scene), key: key)
            #expect(again.isRepeated && again.batch.id == batch.id)
            let others = try await Self.begin(in: scene, key: key).1
            _ = try await scene.store.add(others, at: 0, to: batch.id)
            let found = try await scene.store.images(of: batch.id, from: 0, limit: 10)
            #expect(found.map(\.job?.id) == [images[0].job?.id, nil, others[2].job?.id])
            #expect(try await scene.store.batch(batch.id).failed == 1)

            await #expect(throws: JobStoreError.idempotencyKeyReused) {
                try await scene.store.begin(
                    Self.batch(of: 3, in: scene), key: IdempotencyKey(key: "k", fingerprint: "other"))
            }
            let file = try await scene.insert()
            await #expect(throws: JobStoreError.idempotencyKeyReused) {
                try await scene.submit(file, key: IdempotencyKey(key: "k", fingerprint: "of a job"))
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func `expires after its end, and frees its key`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let key = IdempotencyKey(key: "k", fingerprint: "f")
            let (batch, images) = try await Self.begin(in: scene, key: key)
            _ = try await scene.store.add(images, at: 0, to: batch.id)
            try await scene.finish(scene.claim(), keptFor: .seconds(30))
            scene.clock.advance(by: .seconds(40))
            _ = try await scene.store.expire(forgetting: .init(milliseconds: 0), limit: 10)
            // Its jobs went before it.
            let left = try await scene.store.images(of: batch.id, from: 0, limit: 10)
            #expect(left.map(\.entry) == images.map(\.entry) && left.allSatisfy { $0.job == nil })
            scene.clock.advance(by: .seconds(25))
            _ = try await scene.store.expire(forgetting: .init(milliseconds: 0), limit: 10)
            await #expect(throws: JobStoreError.expired) { try await scene.store.batch(batch.id) }
            #expect(try await !scene.store.begin(Self.batch(of: 3, in: scene), key: key).isRepeated)
        }
    }

    @Test(arguments: Backend.allCases)
    func `is kept while a job of it is unfinished`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let (batch, images) = try await Self.begin(in: scene)
            _ = try await scene.store.add(images, at: 0, to: batch.id)
            for _ in 1...3 {
                scene.clock.advance(by: .seconds(61))
                _ = try await scene.store.expire(forgetting: .init(milliseconds: 0), limit: 10)
            }
            #expect(try await scene.store.batch(batch.id).failed == 1)
            try await scene.finish(scene.claim(), keptFor: .seconds(30))
            scene.clock.advance(by: .seconds(61))
            _ = try await scene.store.expire(forgetting: .init(milliseconds: 0), limit: 10)
            await #expect(throws: JobStoreError.expired) { try await scene.store.batch(batch.id) }
        }
    }

    @Test(arguments: Backend.allCases)
    func `lists the jobs that there are, however many images have none`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let batch = try await scene.store.begin(Self.batch(of: 6, in: scene), key: nil).batch
            let failure = JobFailure(code: "invalid_row", message: "no URL", isRetryable: false)
            let image = try Self.image(2, "https://a.example/1.png", of: batch, in: scene)
            let broken = (3...7).map { BatchImage(entry: Self.entry($0, "", failure: failure), job: nil) }
            _ = try await scene.store.add([image] + broken, at: 0, to: batch.id)
            let listed = try await scene.store.jobs(JobFilter(batch: batch.id), after: nil, limit: 2)
            #expect(listed.map(\.id) == [image.job?.id])
        }
    }

    @Test(arguments: Backend.allCases)
    func `that is not there takes nothing`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let batch = Self.batch(of: 1, in: scene)
            let image = try Self.image(2, "https://a.example/1.png", of: batch, in: scene)
            await #expect(throws: JobStoreError.unknown) { try await scene.store.add([image], at: 0, to: batch.id) }
            #expect(try await scene.readyIDs() == [])
        }
    }
}
