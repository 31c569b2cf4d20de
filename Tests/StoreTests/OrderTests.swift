import Imaging
import Jobs
import Testing

@Suite struct `What operators tell a store` {
    private func presence(_ scene: Scene, _ id: WorkerID = WorkerID()) -> WorkerPresence {
        WorkerPresence(id: id, host: "a", slots: 4, busy: 0, version: "1.0", seenAt: scene.clock.now)
    }

    @Test(arguments: Backend.allCases)
    func `reaches every worker when it announces itself`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let (one, two) = (presence(scene), presence(scene))
            #expect(try await scene.store.announce(one) == Orders())
            #expect(try await scene.store.announce(two) == Orders())
            #expect(try await !scene.store.figures().isPaused)

            try await scene.store.pause(true)
            try await scene.store.pause(true)
            #expect(try await scene.store.announce(one) == Orders(isPaused: true))
            #expect(try await scene.store.announce(presence(scene)) == Orders(isPaused: true))
            #expect(try await scene.store.figures().isPaused)
            try await scene.store.pause(false)
            #expect(try await scene.store.announce(one) == Orders())
            #expect(try await !scene.store.figures().isPaused)

            try await scene.store.drain(two.id, true)
            #expect(try await scene.store.announce(one) == Orders())
            #expect(try await scene.store.announce(two) == Orders(isDraining: true))
            let seen = try await scene.store.workers(seenWithin: .seconds(60))
            #expect(seen.filter(\.isDraining).map(\.id) == [two.id])
            try await scene.store.drain(two.id, false)
            #expect(try await scene.store.announce(two) == Orders())
            await #expect(throws: JobStoreError.unknown) { try await scene.store.drain(WorkerID(), true) }
        }
    }

    @Test(arguments: Backend.allCases)
    func `takes a failed job away, and no other`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let file = try await scene.insert()
            let done = try await scene.submit(file, quality: 1)
            try await scene.finish(scene.claim())
            let failed = try await scene.submit(file, quality: 2)
            try await scene.fail(scene.claim())
            let queued = try await scene.submit(file, quality: 3)

            try await scene.store.discardFailed(failed.id)
            await #expect(throws: JobStoreError.expired) { try await scene.store.job(failed.id) }
            await #expect(throws: JobStoreError.expired) { try await scene.store.discardFailed(failed.id) }
            await #expect(throws: JobStoreError.notFailed(.done)) { try await scene.store.discardFailed(done.id) }
            await #expect(throws: JobStoreError.notFailed(.queued)) { try await scene.store.discardFailed(queued.id) }
            await #expect(throws: JobStoreError.unknown) { try await scene.store.discardFailed(JobID()) }
            #expect(try await scene.store.figures().dead == 0)
            #expect(try await scene.store.jobs(JobFilter(), after: nil, limit: 9).map(\.id) == [queued.id, done.id])
            // The source is still the others'.
            #expect(try await scene.store.doomedBlobs(limit: 9) == [])
            // Its file takes what is left of it along.
            _ = try await scene.store.deleteFile(file.id)
            #expect(try await scene.store.jobs(JobFilter(), after: nil, limit: 9).map(\.state) == [.canceled])
        }
    }

    @Test(arguments: Backend.allCases)
    func `takes no failed job away whose receiver would never hear of it`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            var job = try scene.job(for: try await scene.insert())
            job.webhookURL = "https://receiver.example"
            _ = try await scene.store.submit(job, key: nil)
            try await scene.fail(scene.claim())
            await #expect(throws: JobStoreError.webhookOwed) { try await scene.store.discardFailed(job.id) }
            let owed = try await scene.store.owedWebhooks(limit: 9)
            let id = JobID(at: scene.clock.now)
            let delivery = Job(
                id: id, source: .url("https://receiver.example"),
                task: .deliver(Delivery(subject: .job(job.id), body: "{}")), cacheKey: CacheKey(alone: id),
                publicURL: "", createdAt: scene.clock.now)
            try await scene.store.schedule(owed.map { NewDelivery(of: $0, as: delivery) })
            try await scene.store.discardFailed(job.id)
            await #expect(throws: JobStoreError.expired) { try await scene.store.job(job.id) }
            #expect(try await scene.store.job(id).state == .queued)
        }
    }

    @Test(arguments: Backend.allCases)
    func `lists batches newest first and in pages`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            var batches: [Batch] = []
            for _ in 0..<5 {
                scene.clock.advance(by: .milliseconds(5))
                let batch = Batch(
                    id: BatchID(at: scene.clock.now), publicURL: "https://pictures.example", total: 2,
                    createdAt: scene.clock.now, retention: .seconds(60), webhookURL: nil)
                batches.insert(try await scene.store.begin(batch, key: nil).batch, at: 0)
            }
            let first = try await scene.store.batches(after: nil, limit: 3)
            #expect(first == Array(batches.prefix(3)))
            #expect(try await scene.store.batches(after: first.last?.id, limit: 3) == Array(batches.suffix(2)))
            scene.clock.advance(by: .seconds(61))
            _ = try await scene.store.expire(forgetting: scene.clock.now - .seconds(86400), limit: 100)
            #expect(try await scene.store.batches(after: nil, limit: 3).isEmpty)
        }
    }
}

@Suite struct `The history of a deployment` {
    @Test(arguments: Backend.allCases)
    func `is what all its processes counted`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            let start = HistorySlot(containing: scene.clock.now).start
            var one = HistorySlot(start: start)
            (one.submitted, one.done, one.bytesIn, one.depth, one.inProgress) = (3, 2, 5_000_000_000, 7, 2)
            one.runs.add(.milliseconds(10))
            one.runs.add(.milliseconds(20))
            var two = HistorySlot(start: start)
            (two.submitted, two.failed, two.bytesOut, two.depth) = (4, 1, 99, 5)
            two.runs.add(.milliseconds(10))
            two.waits.add(.seconds(90))
            var later = HistorySlot(start: start + HistorySlot.length)
            later.done = 1

            // Side by side, as processes do it.
            try await withThrowingTaskGroup { group in
                for slot in [one, two, later] { group.addTask { try await scene.store.record(slot) } }
                try await group.waitForAll()
            }
            scene.clock.advance(by: HistorySlot.length)
            let found = try await scene.store.history(since: start)
            let whole = try #require(found.first)
            #expect(found.map(\.start) == [start, later.start])
            #expect((whole.submitted, whole.done, whole.failed) == (7, 2, 1))
            #expect((whole.bytesIn, whole.bytesOut) == (5_000_000_000, 99))
            #expect((whole.depth, whole.inProgress) == (7, 2), "peaks do not add up")
            #expect(whole.runs.counts.reduce(0, +) == 3)
            #expect(whole.waits == two.waits)
            #expect(try await scene.store.history(since: later.start) == [later])
        }
    }

    @Test(arguments: [Backend.sqlite, .postgresql, .mysql])
    func `goes when its time is over`(_ backend: Backend) async throws {
        // Redis does that by itself.
        try await backend.withStore { scene in
            var slot = HistorySlot(containing: scene.clock.now)
            slot.done = 1
            try await scene.store.record(slot)
            scene.clock.advance(by: HistorySlot.retention + HistorySlot.length)
            var next = HistorySlot(containing: scene.clock.now)
            next.done = 2
            try await scene.store.record(next)
            #expect(try await scene.store.history(since: slot.start) == [next])
        }
    }

    @Test func `knows percentiles to within a fifth`() {
        var histogram = DurationHistogram()
        #expect(histogram.percentile(0.5) == nil)
        for milliseconds in 1...1000 { histogram.add(.milliseconds(milliseconds)) }
        for (part, exact) in [(0.5, 0.5), (0.95, 0.95), (0.99, 0.99)] {
            let found = histogram.percentile(part)?.seconds ?? 0
            #expect(abs(found / exact - 1) < 0.2, "\(part): \(found)")
        }
        var extremes = DurationHistogram()
        extremes.add(.zero)
        extremes.add(.seconds(1_000_000))
        #expect(extremes.counts.first == 1 && extremes.counts.last == 1)
    }
}
