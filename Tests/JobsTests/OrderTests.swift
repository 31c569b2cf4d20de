import Logging
import Metrics
import Synchronization
import Testing

@testable import Jobs

@Suite(.timeLimit(.minutes(1))) struct `A processor that is told to take no pictures` {
    @Test(arguments: [Orders(isPaused: true), Orders(isDraining: true)])
    func `takes none, though there is work and a ring for it`(_ orders: Orders) async throws {
        try await Workshop.with { workshop in
            let store = workshop.intake.store
            let worker = workshop.worker
            if orders.isPaused { try await store.pause(true) }
            if orders.isDraining {
                // Known from before: an operator can only drain who has announced itself.
                try await store.announce(
                    WorkerPresence(id: worker, host: "test", slots: 2, busy: 0, version: "0", seenAt: .now))
                try await store.drain(worker, true)
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                let late = try await workshop.submit("flip")
                try await Task.sleep(for: .milliseconds(500))
                for id in [job.id, late.id] { #expect(try await store.job(id).state == .queued) }
                #expect(try await store.job(job.id).fence == 0)
                // What they are told later, when they announce themselves.
                if orders.isPaused { try await store.pause(false) } else { try await store.drain(worker, false) }
                for id in [job.id, late.id] { #expect(try await workshop.final(id).state == .done) }
            }
        }
    }

    @Test func `ends what it has, and has room for no more until it is told`() {
        let workload = Workload(slots: 2)
        let claim = Claim(job: JobID(), worker: WorkerID(), fence: 1)
        let effort = workload.add(claim)
        #expect(workload.room == 1)
        #expect(workload.follow(Orders(isPaused: true)))
        #expect(!workload.follow(Orders(isPaused: true)), "it is no news")
        #expect(workload.room == 0)
        #expect(effort.stopReason == nil)
        workload.remove(claim)
        #expect(workload.room == 0)
        #expect(workload.follow(Orders()))
        #expect(workload.room == 2)
    }

    @Test func `takes none before it has heard whether it may`() async throws {
        try await Workshop.with { workshop in
            let store = workshop.intake.store
            try await store.pause(true)
            let job = try await workshop.submit("grayscale")
            workshop.database.setAway(true)
            try await workshop.whileProcessing {
                // The first announcement finds the store away; what comes next finds it back.
                await workshop.database.wait(forRefusals: 1)
                workshop.database.setAway(false)
                try await Task.sleep(for: .seconds(2))
                #expect(try await store.job(job.id).fence == 0)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A job's story` {
    @Test func `says of each try who made it, how it ended, and how long its parts took`() async throws {
        let tries = Mutex(0)
        try await Workshop.with { workshop in
            workshop.renderer.behave { _ in
                let isFirst = tries.withLock { count in
                    count += 1
                    return count == 1
                }
                if isFirst { throw PictureError.failed(reason: "flaky") }
            }
            let job = try await workshop.submit("grayscale")
            try await workshop.whileProcessing {
                let list = try await workshop.final(job.id).tries.list
                #expect(list.map(\.outcome) == [.retried, .done])
                #expect(list.map(\.fence) == [1, 2])
                #expect(list.map(\.failure?.message) == ["flaky", nil])
                #expect(list.allSatisfy { $0.host == "test" && $0.worker == workshop.worker })
                #expect(list[0].timings == nil)
                let timings = try #require(list[1].timings)
                #expect(timings.fetch > .zero && timings.put > .zero)
                // As the played engine has it.
                #expect(timings.decode == .milliseconds(3) && timings.encode == .milliseconds(2))
            }
        }
    }
}

@Suite struct `A process's part of the history` {
    @Test func `is what its metrics count, once, in the slot in which it was counted`() async throws {
        try await Workshop.with { workshop in
            let store = workshop.intake.store
            let meter = HistoryMeter()
            let historian = Historian(
                store: store, meter: meter, seesQueue: true,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            func count(_ label: String, _ amount: Int64, state: String? = nil) {
                meter.makeCounter(label: label, dimensions: state.map { [("state", $0)] } ?? []).increment(by: amount)
            }
            count("tintype_jobs_submitted_total", 3)
            count("tintype_jobs_finished_total", 2, state: "done")
            count("tintype_jobs_finished_total", 1, state: "failed")
            count("tintype_received_bytes_total", 1000)
            count("tintype_result_bytes_total", 100)
            count("tintype_cache_hits_total", 7)
            meter.makeTimer(label: "tintype_job_duration_seconds", dimensions: [("operation", "resize")])
                .recordNanoseconds(40_000_000)
            meter.makeTimer(label: "tintype_job_wait_seconds", dimensions: []).recordNanoseconds(2_000_000_000)
            _ = try await workshop.submit("flip")

            let now = HistorySlot(containing: .now).start + .seconds(1)
            workshop.database.setAway(true)
            await historian.record(at: now)
            workshop.database.setAway(false)
            #expect(try await store.history(since: now - .seconds(60)).isEmpty)
            // What could not be recorded comes with what follows, and nothing comes twice.
            await historian.record(at: now)
            await historian.record(at: now + .seconds(5))
            let slots = try await store.history(since: now - .seconds(60))
            #expect(slots.reduce(0) { $0 + $1.submitted } == 3)
            let slot = try #require(slots.first)
            #expect((slot.done, slot.failed, slot.bytesIn, slot.bytesOut, slot.depth) == (2, 1, 1000, 100, 1))
            #expect(slot.runs.percentile(0.5).map { abs($0.seconds / 0.04 - 1) < 0.2 } == true)
            #expect(slot.waits.percentile(0.99).map { abs($0.seconds / 2 - 1) < 0.2 } == true)
        }
    }
}
