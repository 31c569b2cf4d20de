import Testing

@testable import Jobs

@Suite struct `A workload` {
    private func claim() -> Claim { Claim(job: JobID(), worker: WorkerID(), fence: 1) }

    @Test func `no more is claimed than there are slots while pictures take long`() {
        let workload = Workload(slots: 3)
        #expect(workload.room == 3)
        let claims = (0..<3).map { _ in claim() }
        for claim in claims { _ = workload.add(claim) }
        #expect(workload.room == 0)
        workload.remove(claims[0])
        #expect(workload.room == 1)
    }

    @Test func `small pictures are claimed ahead, within bounds, and large ones no more`() {
        let workload = Workload(slots: 2)
        for _ in 0..<500 { workload.observe(.microseconds(200)) }
        #expect(workload.room == 2 * 9)
        for _ in 0..<500 { workload.observe(.seconds(2)) }
        #expect(workload.room == 2)
    }

    @Test func `what is ahead is claimed half of it at a time`() {
        let workload = Workload(slots: 2)
        for _ in 0..<500 { workload.observe(.microseconds(200)) }
        let claims = (0..<18).map { _ in claim() }
        for claim in claims { _ = workload.add(claim) }
        for claim in claims.prefix(8) { workload.remove(claim) }
        #expect(workload.room == 0)
        workload.remove(claims[8])
        #expect(workload.room == 9)
    }

    @Test func `what waits for others takes no slot, up to a number`() {
        let workload = Workload(slots: 2)
        let claims = (0..<17).map { _ in claim() }
        for claim in claims {
            #expect(workload.room == 2)
            _ = workload.add(claim)
            #expect(workload.count == 1)
            workload.note(claim, isWaiting: true)
            if claim == claims.last { break }
            #expect(workload.count == 0)
        }
        // There are eight a slot.
        #expect((workload.count, workload.room) == (1, 1))
        workload.note(claims[0], isWaiting: false)
        #expect((workload.count, workload.room) == (1, 1))
        workload.note(claims[1], isWaiting: false)
        #expect(workload.room == 0)
        workload.remove(claims[0])
        workload.remove(claims[2])
        #expect((workload.count, workload.room) == (1, 1))
    }

    @Test(.timeLimit(.minutes(1))) func `a stop cancels the work and keeps its first reason`() async {
        let workload = Workload(slots: 1)
        let own = claim()
        let effort = workload.add(own)
        await #expect(throws: CancellationError.self) {
            try await effort.cancelling {
                workload.lose([own])
                workload.shutDown()
                while true { try await Task.sleep(for: .seconds(60)) }
            }
        }
        #expect(effort.stopReason == .claimLost)
    }

    @Test func `what is counted in after the end is stopped already`() {
        let workload = Workload(slots: 1)
        workload.shutDown()
        #expect(workload.add(claim()).stopReason == .shutdown)
    }

    @Test(.timeLimit(.minutes(1))) func `what is stopped before it begins ends at once`() async {
        let effort = Workload(slots: 1).add(claim())
        effort.stop(because: .shutdown)
        await #expect(throws: CancellationError.self) {
            try await effort.cancelling { try await Task.sleep(for: .seconds(600)) }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `the work is cancelled with whoever waits for it`() async {
        let effort = Workload(slots: 1).add(claim())
        let waiting = Task { try await effort.cancelling { try await Task.sleep(for: .seconds(600)) } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func `only jobs that are here come into doubt, once, and not when they have ended`() {
        let workload = Workload(slots: 2)
        let (running, ended) = (claim(), claim())
        _ = workload.add(running)
        _ = workload.add(ended)
        for job in [running.job, running.job, ended.job, JobID()] { workload.doubt(job) }
        workload.remove(ended)
        #expect(workload.takeDoubtful() == [running])
        #expect(workload.takeDoubtful() == [])
    }

    @Test(.timeLimit(.minutes(1))) func `the first job and the end of the last are told of, others not`() async {
        let workload = Workload(slots: 2)
        let claims = [claim(), claim()]
        func isTold(within time: Duration = .seconds(10)) async -> Bool {
            await !workload.idlenessBell.wait(atMost: time)
        }
        #expect(workload.isIdle)
        #expect(await !isTold(within: .milliseconds(20)))
        _ = workload.add(claims[0])
        #expect(await isTold())
        #expect(!workload.isIdle)
        _ = workload.add(claims[1])
        workload.remove(claims[0])
        #expect(await !isTold(within: .milliseconds(20)))
        workload.remove(claims[1])
        #expect(await isTold())
        #expect(workload.isIdle)
        // It is removed where its end is recorded, and again where the work on it ends.
        workload.remove(claims[1])
        #expect(await !isTold(within: .milliseconds(20)))
    }

    @Test func `progress is told where it has grown`() {
        let workload = Workload(slots: 1)
        let own = claim()
        let effort = workload.add(own)
        #expect(workload.takeProgress().isEmpty)
        effort.note(progress: 0.25)
        effort.note(progress: 0.5)
        #expect(workload.takeProgress().map(\.progress) == [0.5])
        #expect(workload.takeProgress().isEmpty)
    }
}
