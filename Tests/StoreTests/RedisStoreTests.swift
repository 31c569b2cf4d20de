import FoundationEssentials
import Jobs
import RedisBackend
import TestServers
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

    @Test func `jobs that somebody's hand removed are left out where others end`() async throws {
        try await withRedis("TEST_REDIS_URL") { client, name in
            let clock = TestClock()
            let scene = Scene(store: try await RedisJobStore(client, name: name) { clock.now }, clock: clock)
            let file = try await scene.insert()
            /// Two jobs that wait for the result of another, the first of which is then removed. Returns the second.
            func follower(of leader: Job, quality: Int) async throws -> JobID {
                let ids = [
                    try await scene.submit(file, quality: quality).id,
                    try await scene.submit(file, quality: quality).id,
                ].sorted()
                _ = try await client.send("DEL", "{\(name)}:job:\(ids[0])")
                return ids[1]
            }
            let finished = try await scene.submit(file, quality: 1)
            let follower1 = try await follower(of: finished, quality: 1)
            #expect(try await scene.finish(scene.claim()) == [follower1])

            let canceled = try await scene.submit(file, quality: 2)
            let heir = try await follower(of: canceled, quality: 2)
            #expect(try await scene.store.cancel(canceled.id, expiresAt: .now).heir?.id == heir)

            #expect(try await scene.store.deleteFile(file.id).canceled == [heir])
            #expect(try await scene.store.files(after: nil, limit: 9).isEmpty)
        }
    }

    /// Few results that many want, so that leaders end, fail and are canceled beside those who come to follow them.
    @Test(arguments: [Backend.redis, .redisCluster])
    func `each job ends once, whatever is said of it at the same moment`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            try await Storm(scene: scene).rage()
            for state in [Job.State.queued, .processing] {
                #expect(try await scene.store.jobs(JobFilter(state: state), after: nil, limit: 10).isEmpty)
            }
            #expect(try await !scene.store.jobs(JobFilter(state: .done), after: nil, limit: 10).isEmpty)
        }
    }

    @Test func `a Redis whose memory is full lets all end that was accepted, and accepts no more`() async throws {
        try await withSpareRedis(["--maxmemory", "8mb"]) { port in
            let url = "redis://127.0.0.1:\(port)"
            let filler = RedisClient(try RedisEndpoint(url: url), timeout: .seconds(10))
            let clock = TestClock()
            try await withRedisStore(at: url, clock) { scene in
                /// Takes a step while not a byte is left.
                func whenFull<R>(_ step: () async throws -> R) async throws -> R {
                    for size in [1 << 16, 1 << 10, 8] {
                        await #expect(throws: JobStoreError.full) {
                            while true {
                                _ = try await filler.send("SETRANGE", .init("filler \(JobID())"), .init(size), "x")
                            }
                        }
                    }
                    return try await step()
                }
                let file = try await scene.insert()
                // Each with a follower.
                for quality in 1...6 { for _ in 0..<2 { try await scene.submit(file, quality: quality) } }
                let (store, kept) = (scene.store, clock.now + Scene.retention)

                let finished = try await whenFull { try await scene.claim() }
                #expect(try await store.renew([finished], lease: Scene.lease).isEmpty)
                #expect(try await whenFull { try await scene.finish(finished) }.count == 1)
                let failed = try await whenFull { try await scene.claim() }
                #expect(try await whenFull { try await scene.fail(failed) }.count == 1)
                let crashed = try await scene.claim()
                let ended = try await whenFull {
                    try await store.crashed(crashed, limit: 1, failure: Scene.failure, tries: nil, expiresAt: kept)
                }
                #expect(ended.count == 2)
                let released = try await scene.claim()
                try await whenFull { try await store.release([released]) }
                try await whenFull { _ = try await store.cancel(released.job, expiresAt: .now) }
                let retried = try await scene.claim()
                try await whenFull {
                    try await store.retry(retried, because: Scene.trouble, tries: nil, after: .seconds(1))
                }
                let abandoned = try await scene.claim()
                clock.advance(by: Scene.lease)
                let reclaimed = try await whenFull { try await scene.reclaim() }
                #expect(reclaimed.requeued.map(\.id) == [abandoned.job])
                let worker = WorkerPresence(
                    id: scene.worker, host: "here", slots: 2, busy: 1, version: "1", seenAt: clock.now)
                _ = try await whenFull { try await store.announce(worker) }

                // What would take more is refused before anything of it is written.
                for _ in 0..<2 {
                    await #expect(throws: JobStoreError.full) {
                        try await whenFull { _ = try await scene.submit(file, quality: 50) }
                    }
                    await #expect(throws: JobStoreError.full) {
                        try await whenFull { _ = try await scene.insert("dog") }
                    }
                    await #expect(throws: JobStoreError.full) {
                        try await whenFull { _ = try await store.retryFailed(failed.job) }
                    }
                }
                #expect(try await store.jobs(JobFilter(), after: nil, limit: 100).count == 12)

                clock.advance(by: Scene.retention * 2)
                #expect(try await whenFull { try await store.expire(forgetting: clock.now, limit: 100) } > 0)
                try await whenFull { try await store.forgetBlobs(store.doomedBlobs(limit: 100)) }
            }
            await filler.close()
        }
    }

    @Test func `keeps a job that ended as a packed hash, however much there is to tell of its tries`() async throws {
        let clock = TestClock()
        try await withRedis("TEST_REDIS_URL") { client, name in
            let scene = Scene(store: try await RedisJobStore(client, name: name) { clock.now }, clock: clock)
            let job = try await scene.submit(scene.insert())
            let claim = try await scene.claim()
            let once = Try(
                fence: 1, worker: scene.worker, host: "a-host-with-a-rather-long-name.example", startedAt: clock.now,
                duration: .seconds(1), outcome: .retried, failure: Scene.trouble)
            _ = try await scene.store.finish(
                claim, with: scene.result(of: claim), tries: Tries().adding(once).adding(once),
                expiresAt: clock.now + Scene.retention)
            let encoding = try await client.send("OBJECT", "ENCODING", "{\(name)}:job:\(job.id)").string
            #expect(encoding == "listpack", "a third of the memory")
            #expect(try await scene.store.job(job.id).tries.list.count == 2)
            _ = try await scene.store.deleteFile(try #require(job.source.file))
            #expect(try await client.send("EXISTS", "{\(name)}:tries:\(job.id)").int == 0)
        }
    }
}
