import Jobs
import Testing

@Suite struct `A webhook in a store` {
    private static let receiver = "https://shop.example/hooks?token=1"

    @discardableResult
    private static func submit(_ file: StoredFile, quality: Int = 80, in scene: Scene) async throws -> Job {
        var job = try scene.job(for: file, quality: quality)
        job.webhookURL = receiver
        return try await scene.store.submit(job, key: nil).job
    }

    private static func delivery(of owed: OwedWebhook, in scene: Scene) -> NewDelivery {
        let id = JobID(at: scene.clock.now)
        return NewDelivery(
            of: owed,
            as: Job(
                id: id, source: .url(receiver), task: .deliver(Delivery(subject: owed.subject, body: #"{"a":"ü"}"#)),
                cacheKey: CacheKey(alone: id), publicURL: owed.publicURL, createdAt: scene.clock.now))
    }

    /// Records deliveries for all that is owed. Returns what was.
    @discardableResult
    private static func schedule(in scene: Scene) async throws -> [Delivery.Subject] {
        let owed = try await scene.store.owedWebhooks(limit: 10)
        try await scene.store.schedule(owed.map { delivery(of: $0, in: scene) })
        return owed.map(\.subject)
    }

    private static func claim(in scene: Scene) async throws -> (job: Job, claim: Claim) {
        let jobs = try await scene.store.claim(.deliveries(1), by: scene.worker, lease: Scene.lease)
        let job = try #require(jobs.first)
        return (job, Claim(job: job.id, worker: scene.worker, fence: job.fence))
    }

    private static func deliveries(_ state: Job.State? = nil, in scene: Scene) async throws -> [Job] {
        try await scene.store.jobs(JobFilter(state: state, kind: .webhook), after: nil, limit: 10)
    }

    @Test(arguments: Backend.allCases)
    func `is owed by a job that has ended, until its delivery is recorded`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let job = try await Self.submit(file, in: scene)
            try await scene.submit(file, quality: 1)
            #expect(job.webhookURL == Self.receiver)
            #expect(try await Self.schedule(in: scene) == [])
            for _ in 1...2 { try await scene.finish(scene.claim()) }
            let owed = try await scene.store.owedWebhooks(limit: 10)
            // The other job names nobody.
            #expect(owed.map(\.subject) == [.job(job.id)])
            #expect(owed.map(\.webhookURL) == [Self.receiver])
            try await scene.store.schedule([Self.delivery(of: owed[0], in: scene)])
            #expect(try await Self.schedule(in: scene) == [])

            let delivery = try #require(try await Self.deliveries(in: scene).first)
            #expect(delivery.state == .queued && delivery.source == .url(Self.receiver))
            guard case .deliver(let content) = delivery.task else { throw NothingReady() }
            #expect(content == Delivery(subject: .job(job.id), body: #"{"a":"ü"}"#))
        }
    }

    @Test(arguments: Backend.allCases)
    func `is owed whatever the end was`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let done = try await Self.submit(file, quality: 1, in: scene)
            let follower = try await Self.submit(file, quality: 1, in: scene)
            try await scene.finish(scene.claim())
            let cached = try await Self.submit(file, quality: 1, in: scene)
            let failed = try await Self.submit(file, quality: 2, in: scene)
            try await scene.fail(scene.claim())
            let canceled = try await Self.submit(file, quality: 3, in: scene)
            _ = try await scene.store.cancel(canceled.id, expiresAt: scene.clock.now + Scene.retention)
            let subjects = try await Self.schedule(in: scene)
            #expect(Set(subjects) == Set([done, follower, cached, failed, canceled].map { .job($0.id) }))
            #expect(subjects.count == 5)
        }
    }

    @Test(arguments: Backend.allCases)
    func `waits apart from pictures`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            try await Self.submit(scene.insert(), in: scene)
            try await scene.finish(scene.claim())
            try await Self.schedule(in: scene)
            await #expect(throws: NothingReady.self) { try await scene.claim() }
            #expect(try await scene.readyIDs() == [])
            #expect(try await scene.store.figures().depth == 0)
            let (delivery, _) = try await Self.claim(in: scene)
            #expect(delivery.state == .processing && delivery.task.kind == .webhook)
            // What is under way there is not what workers are counted by.
            #expect(try await scene.store.figures().inProgress == 0)

            let picture = try await scene.submit(scene.insert("dog"))
            #expect(try await scene.store.claim(.deliveries(5), by: scene.worker, lease: Scene.lease).isEmpty)
            #expect(try await scene.claim().job == picture.id)
        }
    }

    @Test(arguments: Backend.allCases)
    func `is recorded once, however many see that it is owed`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            try await Self.submit(scene.insert(), in: scene)
            try await scene.finish(scene.claim())
            let owed = try await scene.store.owedWebhooks(limit: 10)
            try await withThrowingTaskGroup { group in
                for _ in 1...8 {
                    group.addTask {
                        try await scene.store.schedule(owed.map { Self.delivery(of: $0, in: scene) })
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.deliveries(in: scene).count == 1)
        }
    }

    @Test(arguments: Backend.allCases)
    func `is owed again by a job that ends again`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await Self.submit(scene.insert(), in: scene)
            try await scene.fail(scene.claim())
            let first = try await scene.store.owedWebhooks(limit: 10)
            try await Self.schedule(in: scene)
            scene.clock.advance(by: .seconds(5))
            _ = try await scene.store.retryFailed(job.id)
            #expect(try await Self.schedule(in: scene) == [])
            try await scene.finish(scene.claim())
            // Who saw the first end comes too late to tell of it.
            try await scene.store.schedule(first.map { Self.delivery(of: $0, in: scene) })
            #expect(try await Self.deliveries(in: scene).count == 1)
            #expect(try await Self.schedule(in: scene) == [.job(job.id)])
        }
    }

    @Test(arguments: Backend.allCases)
    func `is owed by a complete batch, each time it is`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let batch = try await scene.store.begin(
                Batch(
                    id: BatchID(at: scene.clock.now), publicURL: "https://pictures.example", total: 1,
                    createdAt: scene.clock.now, retention: .seconds(60), webhookURL: Self.receiver), key: nil
            ).batch
            #expect(try await scene.store.batch(batch.id).webhookURL == Self.receiver)
            var job = try scene.job(forURL: "https://shop.example/1.png")
            job.batch = batch.id
            let entry = BatchEntry(line: 2, serialNumber: "", productName: "", url: "", failure: nil)
            _ = try await scene.store.add([BatchImage(entry: entry, job: job)], at: 0, to: batch.id)
            #expect(try await Self.schedule(in: scene) == [])
            try await scene.fail(scene.claim())
            #expect(try await Self.schedule(in: scene) == [.batch(batch.id)])
            #expect(try await Self.schedule(in: scene) == [])
            scene.clock.advance(by: .seconds(1))
            _ = try await scene.store.retryFailed(job.id)
            #expect(try await Self.schedule(in: scene) == [])
            try await scene.finish(scene.claim())
            #expect(try await Self.schedule(in: scene) == [.batch(batch.id)])
        }
    }

    @Test(arguments: Backend.allCases)
    func `that has arrived is done, with no result`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            try await Self.submit(scene.insert(), in: scene)
            try await scene.finish(scene.claim())
            try await Self.schedule(in: scene)
            let (job, claim) = try await Self.claim(in: scene)
            // An answer that was lost on the way is asked for again.
            for _ in 1...2 {
                try await scene.store.finish(claim, tries: nil, expiresAt: scene.clock.now + .seconds(60))
            }
            let done = try await scene.store.job(job.id)
            #expect((done.state, done.progress, done.finishedAt) == (.done, 1, scene.clock.now))
            #expect(done.result == nil && done.expiresAt == scene.clock.now + .seconds(60))
            #expect(try await Self.deliveries(.done, in: scene).map(\.id) == [job.id])
            let other = Claim(job: job.id, worker: scene.worker, fence: job.fence + 1)
            await #expect(throws: JobStoreError.claimLost(job.id)) {
                try await scene.store.finish(other, tries: nil, expiresAt: scene.clock.now)
            }
            scene.clock.advance(by: .seconds(61))
            _ = try await scene.store.expire(forgetting: .init(milliseconds: 0), limit: 10)
            #expect(try await Self.deliveries(in: scene).isEmpty)
        }
    }

    @Test(arguments: Backend.allCases)
    func `is tried again when it is due, ends as a dead letter, and can be sent once more`(
        _ backend: Backend
    ) async throws {
        try await backend.withStore { scene in
            try await Self.submit(scene.insert(), in: scene)
            try await scene.finish(scene.claim())
            try await Self.schedule(in: scene)
            let (job, first) = try await Self.claim(in: scene)
            try await scene.store.retry(first, because: Scene.trouble, tries: nil, after: .seconds(5))
            #expect(try await scene.store.claim(.deliveries(1), by: scene.worker, lease: Scene.lease).isEmpty)
            scene.clock.advance(by: .seconds(5))
            let (again, second) = try await Self.claim(in: scene)
            #expect((again.id, again.attempts) == (job.id, 1))
            try await scene.fail(second)
            #expect(try await scene.store.figures().dead == 1)
            #expect(try await scene.store.jobs(JobFilter(state: .failed), after: nil, limit: 10).map(\.id) == [job.id])
            let retried = try await scene.store.retryFailed(job.id)
            #expect(retried.task.kind == .webhook && retried.attempts == 0)
            #expect(try await Self.claim(in: scene).job.id == job.id)
        }
    }

    @Test(arguments: Backend.allCases)
    func `that died with its process, however often, is there for others, with no ring`(_ backend: Backend) async throws
    {
        try await backend.withStore { scene in
            try await Self.submit(scene.insert(), in: scene)
            try await scene.finish(scene.claim())
            try await Self.schedule(in: scene)
            // More often than a picture may kill its process.
            for _ in 1...25 {
                let (job, _) = try await Self.claim(in: scene)
                #expect((job.attempts, job.crashes) == (0, 0))
                scene.clock.advance(by: Scene.lease)
                #expect(try await scene.reclaim() == Reclaimed())
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func `is listed by its kind`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let picture = try await Self.submit(file, in: scene)
            let words = Job(
                id: JobID(at: scene.clock.now), source: .file(file.id, file.blob), task: .describe,
                cacheKey: CacheKey(source: file.sha256, describer: "measured"), publicURL: "",
                createdAt: scene.clock.now)
            _ = try await scene.store.submit(words, key: nil)
            let claim = try await scene.claim()
            try await scene.finish(claim)
            try await Self.schedule(in: scene)
            func ids(_ kind: JobKind?, _ state: Job.State? = nil) async throws -> [JobID] {
                try await scene.store.jobs(JobFilter(state: state, kind: kind), after: nil, limit: 10).map(\.id)
            }
            let delivery = try #require(try await ids(.webhook).first)
            #expect(claim.job == picture.id)
            #expect(try await ids(.process) == [picture.id])
            #expect(try await ids(.process, .queued) == [])
            #expect(try await ids(.describe) == [words.id])
            #expect(try await ids(.describe, .queued) == [words.id])
            #expect(try await ids(.webhook, .done) == [])
            #expect(try await ids(nil) == [delivery, words.id, picture.id].sorted().reversed())
            #expect(try await ids(nil, .queued) == [delivery, words.id].sorted().reversed())
        }
    }

    @Test(arguments: Backend.allCases)
    func `goes with what it would have told of`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            try await Self.submit(file, in: scene)
            try await scene.finish(scene.claim())
            _ = try await scene.store.deleteFile(file.id)
            #expect(try await scene.store.owedWebhooks(limit: 10).isEmpty)
        }
    }
}
