import Jobs
import TestServers
import Testing

@testable import RedisBackend

@Suite struct `Rings in Redis streams` {
    /// Streams of the test's own on a server, and the name of their keys' beginning.
    private func withStreams(
        on server: Server = .single, _ body: (RedisClient, String) async throws -> Void
    ) async throws {
        try await server.withClient { client in
            let prefix = "{test-\(UInt64.random(in: 0 ... .max))}"
            try await body(client, prefix)
            _ = try await client.send(["DEL"] + RingStreams(prefix: prefix).keys.map(RedisArgument.text))
        }
    }

    /// Whether somebody waits for rings at the server: most likely the test's own, and what follows holds either way.
    private func isSomeoneWaiting(_ client: RedisClient) async throws -> Bool {
        let clients = try await client.send("CLIENT", "LIST").string ?? ""
        return clients.split(separator: "\n").contains { $0.contains(" flags=b ") && $0.contains("cmd=xreadgroup") }
    }

    private func jobs(_ count: Int, _ priority: Priority = .normal) -> [ReadyJob] {
        (0..<count).map { _ in ReadyJob(id: JobID(), priority: priority) }
    }

    @Test(arguments: Server.allCases)
    func `rings come with their jobs, and are gone when acknowledged`(_ server: Server) async throws {
        try await withStreams(on: server) { client, prefix in
            let queue = RedisQueue(client, worker: WorkerID(), prefix: prefix)
            let rung = jobs(3, .high) + jobs(1, .low)
            try await queue.ring(for: rung)
            let rings = try await queue.next(limit: 10)
            #expect(Set(rings.compactMap(\.job)) == Set(rung.map(\.id)))
            #expect(try await queue.depth() == 4)
            try await queue.acknowledge(rings)
            #expect(try await queue.depth() == 0)
            for key in RingStreams(prefix: prefix).keys {
                let pending = try await client.send("XPENDING", .init(key), "workers").array?.first?.int
                #expect(pending == 0)
            }
            await queue.close()
        }
    }

    @Test(arguments: Server.allCases)
    func `a wait ends with the ring that comes meanwhile`(_ server: Server) async throws {
        try await withStreams(on: server) { client, prefix in
            let queue = RedisQueue(client, worker: WorkerID(), prefix: prefix, patience: .seconds(20))
            for _ in 0..<3 {
                let waiting = Task { try await queue.next(limit: 5) }
                // In a cluster it may be another node than the one that is asked.
                if server != .cluster { try await eventually { try await isSomeoneWaiting(client) } }
                let job = jobs(1)
                try await queue.ring(for: job)
                let rings = try await waiting.value
                #expect(rings.map(\.job) == job.map(\.id))
                try await queue.acknowledge(rings)
            }
            await queue.close()
        }
    }

    @Test func `classes share by their weights, exactly`() async throws {
        try await withStreams { client, prefix in
            let queue = RedisQueue(client, worker: WorkerID(), prefix: prefix)
            let all = Priority.allCases.map { jobs(200, $0) }
            try await queue.ring(for: all.flatMap(\.self))
            for _ in 0..<5 {
                let taken = Set(try await queue.next(limit: 12).compactMap(\.job))
                #expect(all.map { $0.count { taken.contains($0.id) } } == [8, 3, 1])
            }
            // Nobody is left out for good where one is taken at a time.
            var counts: [Int] = [0, 0, 0]
            for _ in 0..<120 {
                let taken = Set(try await queue.next(limit: 1).compactMap(\.job))
                #expect(taken.count == 1)
                for (place, jobs) in all.enumerated() { counts[place] += jobs.count { taken.contains($0.id) } }
            }
            #expect(counts[0] > counts[1] && counts[1] > counts[2] && counts[2] > 0)
            await queue.close()
        }
    }

    @Test func `a class that has nothing leaves its share to the others`() async throws {
        try await withStreams { client, prefix in
            let queue = RedisQueue(client, worker: WorkerID(), prefix: prefix)
            try await queue.ring(for: jobs(40, .low) + jobs(2, .normal))
            #expect(try await queue.next(limit: 30).count == 30)
            #expect(try await queue.next(limit: 30).count == 12)
            await queue.close()
        }
    }

    @Test func `no more rings are handed out than asked for, and none is forgotten`() async throws {
        try await withStreams { client, prefix in
            let queue = RedisQueue(client, worker: WorkerID(), prefix: prefix, patience: .milliseconds(200))
            let rung = Priority.allCases.flatMap { jobs(30, $0) }.shuffled()
            var heard: [JobID] = []
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for job in rung { try await queue.ring(for: [job]) } }
                while heard.count < rung.count {
                    let rings = try await queue.next(limit: 1)
                    #expect(rings.count <= 1)
                    heard += rings.compactMap(\.job)
                    try await queue.acknowledge(rings)
                }
                try await group.waitForAll()
            }
            #expect(Set(heard) == Set(rung.map(\.id)) && heard.count == rung.count)
            await queue.close()
        }
    }

    @Test func `a worker that heard nothing waits twice as long for the next ring`() async throws {
        try await withStreams { client, prefix in
            let patience = Duration.milliseconds(200)
            let queue = RedisQueue(client, worker: WorkerID(), prefix: prefix, patience: patience)
            for wait in [patience, patience * 2, patience * 2] {
                let begin = ContinuousClock.now
                let rings = try await queue.next(limit: 1)
                #expect(rings.isEmpty)
                #expect(begin.duration(to: .now) >= wait)
            }
            await queue.close()
        }
    }

    @Test(arguments: Server.allCases)
    func `rings of a dead worker go to another, whatever their number`(_ server: Server) async throws {
        try await withStreams(on: server) { client, prefix in
            let dead = RedisQueue(client, worker: WorkerID(), prefix: prefix)
            let rung = jobs(300) + jobs(20, .low)
            try await dead.ring(for: rung)
            var held = 0
            while held < rung.count { held += try await dead.next(limit: 100).count }
            let heir = RedisQueue(
                client, worker: WorkerID(), prefix: prefix, patience: .milliseconds(20), idle: .milliseconds(100))
            var heard: [JobID] = []
            try await eventually {
                let rings = try await heir.next(limit: 7)
                #expect(rings.count <= 7)
                heard += rings.compactMap(\.job)
                try await heir.acknowledge(rings)
                return heard.count >= rung.count
            }
            #expect(Set(heard) == Set(rung.map(\.id)))
            #expect(try await heir.depth() == 0)
            await dead.close()
            await heir.close()
        }
    }

    @Test func `streams that are deleted while someone waits are made again`() async throws {
        try await withStreams { client, prefix in
            let queue = RedisQueue(client, worker: WorkerID(), prefix: prefix, patience: .milliseconds(500))
            #expect(try await queue.next(limit: 1).isEmpty)
            for _ in 0..<3 {
                let waiting = Task { try await queue.next(limit: 1) }
                try await eventually { try await isSomeoneWaiting(client) }
                _ = try await client.send(["DEL"] + RingStreams(prefix: prefix).keys.map(RedisArgument.text))
                let job = jobs(1)
                try await queue.ring(for: job)
                var heard = try await waiting.value.compactMap(\.job)
                while heard.isEmpty { heard = try await queue.next(limit: 1).compactMap(\.job) }
                #expect(heard == job.map(\.id))
            }
            await queue.close()
        }
    }

    @Test func `consumers long gone are removed, unless they hold rings`() async throws {
        try await withStreams { client, prefix in
            let holder = RedisQueue(client, worker: WorkerID(), prefix: prefix)
            let gone = RedisQueue(client, worker: WorkerID(), prefix: prefix)
            try await holder.ring(for: jobs(1))
            #expect(try await holder.next(limit: 1).count == 1)
            try await holder.ring(for: jobs(1))
            try await gone.acknowledge(gone.next(limit: 1))
            func consumers() async throws -> Int {
                let key = RingStreams(prefix: prefix).key(of: .normal)
                return try await client.send("XINFO", "CONSUMERS", .init(key), "workers").array?.count ?? 0
            }
            #expect(try await consumers() == 2)
            try await holder.tidy(consumersIdleFor: .seconds(3600))
            #expect(try await consumers() == 2)
            try await eventually {
                try await holder.tidy(consumersIdleFor: .milliseconds(1))
                return try await consumers() == 1
            }
            #expect(try await holder.depth() == 1)
            await holder.close()
            await gone.close()
        }
    }

    @Test func `a wait whose connection breaks is told as unavailable, and the next one works`() async throws {
        try await Server.single.withRelay { relay, url in
            try await withRedisClient(url) { client in
                let prefix = "{test-\(UInt64.random(in: 0 ... .max))}"
                let queue = RedisQueue(client, worker: WorkerID(), prefix: prefix, patience: .seconds(20))
                let waiting = Task { try await queue.next(limit: 1) }
                let cutting = Task {
                    while !Task.isCancelled {
                        relay.cut()
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                await expectUnavailable { _ = try await waiting.value }
                cutting.cancel()
                _ = await cutting.result
                let job = jobs(1)
                try await persistently { try await queue.ring(for: job) }
                let rings = try await persistently { try await queue.next(limit: 1) }
                #expect(rings.map(\.job) == job.map(\.id))
                await queue.close()
                _ = try await client.send(["DEL"] + RingStreams(prefix: prefix).keys.map(RedisArgument.text))
            }
        }
    }
}
