import Jobs
import Testing

@Suite struct `What a store says of itself` {
    @Test(arguments: Backend.allCases)
    func `an empty store has nothing to show`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            try await scene.store.ping()
            #expect(try await scene.store.figures() == QueueFigures())
        }
    }

    @Test(arguments: Backend.allCases)
    func `the figures count jobs by what they wait for`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            // Ids of this instant, whatever other tests have made the id's clock say.
            func submit(_ quality: Int) async throws {
                var job = try scene.job(for: file, quality: quality)
                scene.clock.advance(by: .milliseconds(1))
                job.id = JobID(earliestAt: scene.clock.now)
                _ = try await scene.store.submit(job, key: nil)
            }
            for quality in 1...3 {
                try await submit(quality)
                let claim = try await scene.claim()
                switch quality {
                case 1: try await scene.finish(claim)
                case 2: try await scene.fail(claim)
                default: try await scene.store.retry(claim, because: Scene.trouble, tries: nil, after: .seconds(60))
                }
            }
            try await submit(4)
            _ = try await scene.claim()
            for quality in 5...7 { try await submit(quality) }
            try await submit(7)
            scene.clock.advance(by: .seconds(4))

            var figures = try await scene.store.figures()
            #expect(figures.depth == 3)
            #expect(figures.delayed == 1)
            #expect(figures.inProgress == 1)
            #expect(figures.dead == 1)
            #expect(figures.oldestSeconds == 4.003)
            #expect(figures.enqueuedPerSecond == 0.8)
            #expect(figures.donePerSecond == 0.1)

            scene.clock.advance(by: .seconds(60))
            figures = try await scene.store.figures()
            #expect(figures.depth == 4)
            #expect(figures.delayed == 0)
            #expect(figures.enqueuedPerSecond == 0)
            #expect(figures.donePerSecond == 0)
        }
    }

    @Test(arguments: Backend.allCases)
    func `workers are seen for as long as they announce themselves`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            var one = WorkerPresence(
                id: WorkerID(), host: "a", slots: 4, busy: 0, version: "1.0", seenAt: scene.clock.now)
            var two = one
            two.id = WorkerID()
            try await scene.store.announce(one)
            try await scene.store.announce(two)
            scene.clock.advance(by: .seconds(8))
            one.busy = 3
            try await scene.store.announce(one)
            // By the store's clock, whatever the worker's says.
            one.seenAt = scene.clock.now
            #expect(try await scene.store.workers(seenWithin: .seconds(8)) == [one, two])
            #expect(try await scene.store.workers(seenWithin: .seconds(7)) == [one])
            try await scene.store.withdraw(one.id)
            #expect(try await scene.store.workers(seenWithin: .seconds(60)) == [two])
            scene.clock.advance(by: .seconds(86400))
            try await scene.store.announce(one)
            #expect(try await scene.store.workers(seenWithin: .seconds(10 * 86400)).map(\.id) == [one.id])
        }
    }
}
