import Imaging
import Jobs
import Testing

@Suite struct `What became of each try` {
    private func aTry(_ fence: Int, of claim: Claim, _ outcome: Try.Outcome, at time: Timestamp) -> Try {
        Try(
            fence: fence, worker: claim.worker, host: "darkroom\t1\n", startedAt: time,
            duration: .microseconds(123_456),
            outcome: outcome, failure: outcome == .done ? nil : Scene.trouble,
            timings: outcome == .done
                ? Timings(
                    fetch: .microseconds(1), decode: .microseconds(20), operations: .microseconds(300),
                    encode: .microseconds(4000), put: .microseconds(50_000)) : nil)
    }

    @Test(arguments: Backend.allCases)
    func `is kept with a job through errors, crashes, failure and a retry by hand`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let job = try await scene.submit(scene.insert())
            #expect(try await scene.store.job(job.id).tries.list.isEmpty)

            func claim() async throws -> (claim: Claim, tries: Tries) {
                let found = try await scene.store.claim(
                    .next(1, preferring: .normal), by: scene.worker, lease: Scene.lease)
                let job = try #require(found.first)
                #expect(job.worker == scene.worker)
                return (Claim(job: job.id, worker: scene.worker, fence: job.fence), job.tries)
            }
            var expected: [Try] = []
            func add(_ outcome: Try.Outcome, to tries: Tries, of claim: Claim) -> Tries {
                let newest = aTry(claim.fence, of: claim, outcome, at: scene.clock.now)
                expected.append(newest)
                return tries.adding(newest)
            }

            var (held, tries) = try await claim()
            try await scene.store.retry(
                held, because: Scene.trouble, tries: add(.retried, to: tries, of: held), after: .zero)
            (held, tries) = try await claim()
            _ = try await scene.store.crashed(
                held, limit: 9, failure: Scene.failure, tries: add(.crashed, to: tries, of: held), expiresAt: .now)
            // One that says nothing: its process died.
            (held, tries) = try await claim()
            scene.clock.advance(by: Scene.lease + .seconds(1))
            _ = try await scene.reclaim()
            (held, tries) = try await claim()
            _ = try await scene.store.fail(
                held, because: Scene.failure, tries: add(.failed, to: tries, of: held),
                expiresAt: scene.clock.now + Scene.retention)
            _ = try await scene.store.retryFailed(job.id)
            (held, tries) = try await claim()
            _ = try await scene.store.finish(
                held, with: scene.result(of: held), tries: add(.done, to: tries, of: held),
                expiresAt: scene.clock.now + Scene.retention)

            let found = try await scene.store.job(job.id)
            #expect(found.tries.list.map(\.fence) == [1, 2, 4, 5])
            #expect(found.tries.list.map(\.outcome) == [.retried, .crashed, .failed, .done])
            #expect(found.tries.list.map(\.host) == Array(repeating: "darkroom 1 ", count: 4))
            #expect(found.tries.list.map(\.startedAt) == expected.map(\.startedAt))
            #expect(found.tries.list.map(\.failure) == expected.map(\.failure))
            #expect(found.tries.list.map(\.timings) == expected.map(\.timings))
            #expect(found.tries.list.allSatisfy { $0.duration == .microseconds(123_456) && $0.worker == scene.worker })
            #expect(found.worker == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func `is a job's own: one that follows it has no tries`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let leader = try await scene.submit(file)
            let follower = try await scene.submit(file)
            let claim = try await scene.claim()
            let tries = Tries().adding(aTry(1, of: claim, .done, at: scene.clock.now))
            _ = try await scene.store.finish(
                claim, with: scene.result(of: claim), tries: tries, expiresAt: scene.clock.now + Scene.retention)
            #expect(try await scene.store.job(leader.id).tries == tries)
            #expect(try await scene.store.job(follower.id).tries.list.isEmpty)
        }
    }

    @Test func `is kept for the last twenty`() {
        let claim = Claim(job: JobID(), worker: WorkerID(), fence: 1)
        let tries = (1...50).reduce(Tries()) { $0.adding(aTry($1, of: claim, .retried, at: .now)) }
        #expect(tries.list.map(\.fence) == Array(31...50))
        #expect(Tries(text: tries.text + "\nwhat a later version writes\n7\t8").list == tries.list)
    }
}
