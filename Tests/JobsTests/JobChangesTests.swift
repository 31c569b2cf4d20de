import Testing

@testable import Jobs

@Suite(.timeLimit(.minutes(1))) struct `Changes of jobs` {
    @Test func `are heard by each who watches, also by who looks at the store just then`() async {
        let (changes, job) = (JobChanges(), JobID())
        await changes.watching(job) { first in
            await changes.watching(job) { second in
                // It waits from now on, and the other not yet.
                let waiting = Task.immediate { await first.wait() }
                changes.announce([job])
                await waiting.value
                await second.wait()
            }
        }
    }

    @Test func `put claims of this process in doubt, but its own progress does not`() async {
        let (changes, workload) = (JobChanges(), Workload(slots: 1))
        let claim = Claim(job: JobID(), worker: WorkerID(), fence: 1)
        _ = workload.add(claim)
        changes.tell(workload)
        await changes.watching(claim.job) { bell in
            changes.announceProgress(of: claim.job)
            await bell.wait()
        }
        #expect(workload.takeDoubtful() == [])
        changes.announce([claim.job])
        #expect(workload.takeDoubtful() == [claim])
    }
}
