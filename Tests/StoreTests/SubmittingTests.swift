import Imaging
import Jobs
import Testing

@Suite struct `Submitting a job` {
    @Test(arguments: Backend.allCases)
    func `a job is queued, ready, and read back as it was submitted`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let job = try scene.job(for: file)
            guard case .accepted(let accepted) = try await scene.store.submit(job, key: nil) else {
                Issue.record("a new job is no repetition")
                return
            }
            let stored = try await scene.store.job(job.id)
            for found in [accepted, stored] {
                #expect(found.id == job.id)
                #expect(found.source == .file(file.id, file.blob))
                #expect(found.plan?.json == job.plan?.json)
                #expect(found.cacheKey == job.cacheKey)
                #expect(found.publicURL == "https://pictures.example")
                #expect(found.createdAt == scene.clock.now)
                #expect(found.runAt == scene.clock.now)
                #expect(found.state == .queued)
                #expect(found.progress == 0)
                #expect((found.attempts, found.crashes, found.fence) == (0, 0, 0))
                #expect((found.startedAt, found.finishedAt, found.expiresAt) == (nil, nil, nil))
                #expect(found.failure == nil)
                #expect(found.result == nil)
                #expect(!found.isCached)
            }
            #expect(try await scene.readyIDs() == [job.id])
        }
    }

    @Test(arguments: Backend.allCases)
    func `a job of a file that is gone is refused`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            _ = try await scene.store.deleteFile(file.id)
            await #expect(throws: JobStoreError.unknown) { try await scene.submit(file) }
            let expired = try await scene.store.insert(scene.upload("old", keptFor: .seconds(1)))
            scene.clock.advance(by: .seconds(2))
            _ = try await scene.store.expire(forgetting: scene.clock.now, limit: 10)
            await #expect(throws: JobStoreError.expired) { try await scene.submit(expired) }
        }
    }

    @Test(arguments: Backend.allCases)
    func `a result that is there already makes the job done at once`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            try await scene.submit(file)
            let claim = try await scene.claim()
            try await scene.finish(claim)
            scene.clock.advance(by: .seconds(5))
            let twin = try await scene.insert()

            let job = try await scene.submit(twin)

            for found in [job, try await scene.store.job(job.id)] {
                #expect(found.state == .done)
                #expect(found.isCached)
                #expect(found.progress == 1)
                #expect(found.result == scene.result(of: claim))
                #expect(found.finishedAt == scene.clock.now)
                #expect(found.expiresAt == scene.clock.now + Scene.retention)
            }
            #expect(try await scene.readyIDs() == [])
        }
    }

    @Test(arguments: Backend.allCases)
    func `another plan or other bytes are other results`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            try await scene.submit(file)
            try await scene.finish(scene.claim())
            #expect(try await scene.submit(file, quality: 79).state == .queued)
            #expect(try await scene.submit(scene.insert("dog")).state == .queued)
            #expect(try await scene.readyIDs().count == 2)
        }
    }

    @Test(arguments: Backend.allCases)
    func `the same idempotency key answers the first job again`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let key = IdempotencyKey(key: "order 7", fingerprint: "a")
            let first = try await scene.submit(file, key: key)
            let claim = try await scene.claim()
            guard case .repeated(let again) = try await scene.store.submit(try scene.job(for: file), key: key) else {
                Issue.record("the key was known")
                return
            }
            #expect(again.id == first.id)
            #expect(again.state == .processing)
            try await scene.finish(claim)
            #expect(try await scene.submit(file, key: key).state == .done)
            #expect(try await scene.store.jobs(JobFilter(), after: nil, limit: 10).count == 1)
        }
    }

    @Test(arguments: Backend.allCases)
    func `an idempotency key is not taken with another request`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            try await scene.submit(file, key: IdempotencyKey(key: "k", fingerprint: "a"))
            await #expect(throws: JobStoreError.idempotencyKeyReused) {
                try await scene.submit(file, key: IdempotencyKey(key: "k", fingerprint: "b"))
            }
            #expect(try await scene.store.jobs(JobFilter(), after: nil, limit: 10).count == 1)
        }
    }

    @Test(arguments: Backend.allCases)
    func `forty requests with one key at once make one job`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let ids = try await withThrowingTaskGroup { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await scene.submit(file, key: IdempotencyKey(key: "k", fingerprint: "a")).id
                    }
                }
                return try await group.reduce(into: Set<JobID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await scene.store.jobs(JobFilter(), after: nil, limit: 100).map(\.id) == Array(ids))
        }
    }

    @Test(arguments: Backend.allCases)
    func `jobs that are submitted at once are each taken or refused for themselves`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let (file, gone) = (try await scene.insert(), try await scene.insert("gone"))
            _ = try await scene.store.deleteFile(gone.id)
            try await scene.submit(file, quality: 1, key: IdempotencyKey(key: "old", fingerprint: "a"))
            let outcomes = await withTaskGroup { group in
                for number in 0..<60 {
                    group.addTask { () -> Result<Job, any Error> in
                        do {
                            // Four kinds: new ones, twins of those, of a file that is gone, with a key that is taken.
                            return .success(
                                try await scene.submit(
                                    number % 4 == 2 ? gone : file, quality: 2 + number / 20,
                                    key: IdempotencyKey(key: number % 4 == 3 ? "old" : "\(number)", fingerprint: "b")))
                        } catch { return .failure(error) }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let refusals = outcomes.compactMap {
                if case .failure(let error) = $0 { error as? JobStoreError } else { nil }
            }
            #expect(refusals.filter { $0 == .unknown }.count == 15)
            #expect(refusals.filter { $0 == .idempotencyKeyReused }.count == 15)
            let taken = try outcomes.filter { if case .success = $0 { true } else { false } }.map { try $0.get() }
            #expect(taken.count == 30)
            // One of each plan is at work for the others, which end with it.
            var ended: Set<JobID> = []
            for _ in 1...4 {
                let claim = try await scene.claim()
                ended.formUnion([claim.job] + (try await scene.finish(claim)))
            }
            #expect(ended.isSuperset(of: taken.map(\.id)))
            #expect(try await scene.readyIDs() == [])
            for job in taken { #expect(try await scene.state(job) == .done) }
        }
    }

    /// SQLite and Redis take keys of any length.
    @Test(arguments: [Backend.postgresql, .mysql])
    func `what a database will not have is refused without what was submitted beside it`(
        _ backend: Backend
    ) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let refused = try await withThrowingTaskGroup { group in
                for number in 0..<40 {
                    group.addTask { () -> Int? in
                        let key = String(repeating: "k", count: number == 20 ? 300 : number + 1)
                        do {
                            try await scene.submit(file, quality: 40, key: IdempotencyKey(key: key, fingerprint: "a"))
                            return nil
                        } catch { return number }
                    }
                }
                return try await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
            }
            #expect(refused == [20])
            #expect(try await scene.store.jobs(JobFilter(), after: nil, limit: 100).count == 39)
        }
    }
}
