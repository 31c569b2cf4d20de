import FoundationEssentials
import Jobs
import RedisBackend
import Testing

/// What is Redis' own; the promises of every store are tested on it with the others.
@Suite struct `A store in Redis` {
    @Test func `a store of a later version is refused, and left as it is`() async throws {
        try await withRedis("TEST_REDIS_URL") { client, name in
            _ = try await client.send("SET", "{\(name)}:schema", 2)
            await #expect(throws: StoreTooNew(found: 2, known: 1)) { try await RedisJobStore(client, name: name) }
            #expect(try await client.send("GET", "{\(name)}:schema").int == 2)
        }
    }

    @Test func `time is the server's`() async throws {
        try await withRedis("TEST_REDIS_URL") { client, name in
            let scene = Scene(store: try await RedisJobStore(client, name: name), clock: TestClock())
            func time() async throws -> Timestamp {
                let parts = try #require(try await client.send("TIME").array).compactMap(\.int)
                return Timestamp(milliseconds: Int64(parts[0]) * 1000 + Int64(parts[1]) / 1000)
            }
            // The test's clock is months behind.
            let file = try await scene.store.insert(scene.upload(keptFor: .seconds(10 * 365 * 86400)))
            let before = try await time()
            let job = try await scene.submit(file)
            let after = try await time()
            #expect((before...after).contains(job.runAt))
        }
    }

    @Test func `eight workers with connections of their own share the jobs out`() async throws {
        try await withRedis("TEST_REDIS_URL") { client, name in
            let url = ProcessInfo.processInfo.environment["TEST_REDIS_URL"] ?? ""
            let clock = TestClock()
            let scene = Scene(store: try await RedisJobStore(client, name: name) { clock.now }, clock: clock)
            let file = try await scene.insert()
            for index in 0..<400 {
                var job = try scene.job(for: file)
                job.cacheKey = CacheKey(stored: "\(index)")
                _ = try await scene.store.submit(job, key: nil)
            }
            let finished = try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        let client = RedisClient(try RedisEndpoint(url: url), timeout: .seconds(10))
                        let own = Scene(store: try await RedisJobStore(client, name: name) { clock.now }, clock: clock)
                        var mine: [JobID] = []
                        while true {
                            let jobs = try await own.store.claim(
                                .next(3, preferring: .normal), by: own.worker, lease: Scene.lease)
                            for job in jobs {
                                try await own.finish(Claim(job: job.id, worker: own.worker, fence: job.fence))
                                mine.append(job.id)
                            }
                            if jobs.isEmpty { break }
                        }
                        await client.close()
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(finished.count == 400)
            #expect(Set(finished).count == 400)
        }
    }

    @Test(arguments: [Backend.redis, .redisCluster])
    func `what is recorded twice, its answer lost on the way, is there once`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = scene.upload()
            let recorded = try await scene.store.insert(file)
            #expect(try await scene.store.insert(file) == recorded)
            let job = try scene.job(for: file)
            let key = IdempotencyKey(key: "k", fingerprint: "f")
            for key in [key, nil] {
                guard case .accepted(let accepted) = try await scene.store.submit(job, key: key) else {
                    Issue.record("it was this very submission")
                    return
                }
                #expect(accepted.id == job.id)
            }
            #expect(try await scene.store.files(after: nil, limit: 9) == [recorded])
            #expect(try await scene.readyIDs() == [job.id])
        }
    }

    @Test func `a job that somebody's hand removed does not hold up the others`() async throws {
        try await withRedis("TEST_REDIS_URL") { client, name in
            let clock = TestClock()
            let scene = Scene(store: try await RedisJobStore(client, name: name) { clock.now }, clock: clock)
            let file = try await scene.insert()
            var jobs: [Job] = []
            for quality in 1...4 { jobs.append(try await scene.submit(file, quality: quality)) }
            let lost = try await scene.store.claim(.these([jobs[0].id]), by: scene.worker, lease: .zero)
            for job in lost + jobs[1...1] { _ = try await client.send("DEL", "{\(name)}:job:\(job.id)") }
            #expect(try await scene.reclaim() == Reclaimed())
            let claimed = try await scene.store.claim(.next(3, preferring: .low), by: scene.worker, lease: Scene.lease)
            #expect(claimed.map(\.id) == jobs[2...].map(\.id))
        }
    }
}
