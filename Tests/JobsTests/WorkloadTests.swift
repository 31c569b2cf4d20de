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
        #expect(workload.room == 2 * 5)
        for _ in 0..<500 { workload.observe(.seconds(2)) }
        #expect(workload.room == 2)
    }

    @Test(.timeLimit(.minutes(1))) func `a stop cancels the work and keeps its first reason`() async {
        let workload = Workload(slots: 1)
        let own = claim()
        let stop = workload.add(own)
        await #expect(throws: CancellationError.self) {
            try await stop.cancelling {
                workload.stop([own], because: .claimLost)
                workload.stop([own], because: .shutdown)
                while true { try await Task.sleep(for: .seconds(60)) }
            }
        }
        guard case .claimLost? = stop.reason else {
            Issue.record("the reason is \(String(describing: stop.reason))")
            return
        }
    }
}
