import Jobs
import MySQLBackend
import SQLBackend
import TestServers
import Testing

/// With the limits of production: where a step takes a round trip for each row, it is too late for ever.
@Suite struct `A MySQL server ten milliseconds away` {
    @Test func `is rid of all that is due in time, however much it is`() async throws {
        try await withFarStore { near, far in
            try await inParallel(4) { number in
                for index in 0..<125 { _ = try await near.insert("\(number) \(index)") }
            }
            near.clock.advance(by: Scene.retention)
            #expect(try await far.store.expire(forgetting: near.clock.now, limit: 500) == 500)
            let doomed = try await far.store.doomedBlobs(limit: 500)
            #expect(doomed.count == 500)
            let strange = (0..<500).map { _ in BlobKey.original(FileID()) }
            #expect(try await far.store.unknownBlobs(among: doomed + strange) == strange)
            try await far.store.forgetBlobs(doomed)
            #expect(try await far.store.doomedBlobs(limit: 500).isEmpty)
        }
    }

    @Test func `deletes a file with many jobs in time`() async throws {
        try await withFarStore { near, far in
            let (file, twin) = (try await near.insert(), try await near.insert())
            try await inParallel(4) { number in
                for quality in 1...25 { try await near.submit(file, quality: number * 25 + quality) }
            }
            // Of those that are done, the results go as well; one that goes on has an heir.
            for _ in 0..<20 { try await near.finish(near.claim()) }
            let claim = try await near.claim()
            let heir = try await near.store.submit(
                near.job(for: twin, like: try await near.store.job(claim.job)), key: nil
            ).job
            let (canceled, heirs) = try await far.store.deleteFile(file.id)
            #expect(canceled.count == 80)
            #expect(heirs == [heir.ready])
            #expect(try await far.store.doomedBlobs(limit: 500).count == 20)
        }
    }

    @Test func `takes back the jobs of many workers in time`() async throws {
        try await withFarStore { near, far in
            for picture in ["cat", "dog"] {
                let file = try await near.insert(picture)
                for quality in 1...100 { try await near.submit(file, quality: quality) }
            }
            for _ in 0..<200 { _ = try await near.claim() }
            near.clock.advance(by: Scene.lease)
            #expect(try await far.reclaim(crashLimit: 2, limit: 100).requeued.count == 100)
            #expect(try await far.reclaim(crashLimit: 1, limit: 100).failed.count == 100)
        }
    }

    /// So that a network of 200 ms leaves time for them.
    @Test func `is asked twice for a submission, for a claim and for the end of a job`() async throws {
        try await withDetour { _, detour, relay in
            let clock = TestClock()
            let database = MySQLDatabase(detour, connections: 1, limits: .long) { clock.now }
            let scene = Scene(store: try await SQLJobStore(database), clock: clock)
            let files = [try await scene.insert("cat"), try await scene.insert("dog")]
            for (index, file) in files.enumerated() {
                let start = relay.roundTrips
                try await scene.submit(file, key: IdempotencyKey(key: "\(index)", fingerprint: "f"))
                let submitted = relay.roundTrips
                let claim = try await scene.claim()
                let claimed = relay.roundTrips
                try await scene.finish(claim)
                let finished = relay.roundTrips
                #expect([submitted - start, claimed - submitted, finished - claimed] == [2, 2, 2])
            }
        }
    }

    /// - Parameter body: is lent one store twice, from near by and from far.
    private func withFarStore(_ body: (Scene, Scene) async throws -> Void) async throws {
        try await withDetour { address, detour, relay in
            let clock = TestClock()
            let near = MySQLDatabase(address, connections: 4, limits: .long) { clock.now }
            let far = MySQLDatabase(detour, connections: 4) { clock.now }
            let scenes = (
                Scene(store: try await SQLJobStore(near), clock: clock),
                Scene(store: try await SQLJobStore(far), clock: clock)
            )
            relay.delay = .milliseconds(5)
            try await body(scenes.0, scenes.1)
            try await expectCountsToAddUp(in: near)
        }
    }

    /// - Parameter body: is lent empty tables, where they are and by way of a relay.
    private func withDetour(_ body: (MySQLAddress, MySQLAddress, Relay) async throws -> Void) async throws {
        try await MySQLServer.withEmptyTables { address in
            try await Relay.with(to: address.port) { relay in
                var detour = address
                detour.port = relay.port
                try await body(address, detour, relay)
            }
        }
    }
}

extension Scene {
    fileprivate func job(for file: StoredFile, like other: Job) throws -> Job {
        Job(
            id: JobID(at: clock.now), source: .file(file.id, file.blob), task: other.task,
            cacheKey: other.cacheKey, publicURL: other.publicURL, createdAt: clock.now)
    }
}
