import Synchronization

/// Tells those who wait for a job that it may have changed.
///
/// A hint and nothing more: whoever is told reads the store. Other processes are told through a ``HintRelay`` where there
/// is one; without, a waiting request finds their changes by a slow look (``Intake/job(_:waiting:until:)``).
package final class JobChanges: Sendable {
    private struct Watch {
        let bell = Bell()
        var watchers = 0
    }

    private let watches = Mutex<[JobID: Watch]>([:])
    private let workload = Mutex<Workload?>(nil)
    private let outbox: HintOutbox?

    /// - Parameter outbox: where changes for other processes go.
    package init(outbox: HintOutbox? = nil) { self.outbox = outbox }

    /// How often who waits for a job should look without being told.
    package var interval: Duration { outbox == nil ? .seconds(1) : .seconds(5) }

    /// Says that this process has changed jobs.
    package func announce(_ jobs: some Sequence<JobID>) {
        hear(jobs)
        outbox?.note(changed: jobs)
    }

    /// Takes note that another process has changed jobs.
    func hear(_ jobs: some Sequence<JobID>) {
        let workload = workload.withLock { $0 }
        for job in jobs {
            watches.withLock { $0[job]?.bell }?.ring()
            workload?.doubt(job)
        }
    }

    /// Has a workload doubt each job that may have changed, from now on: it wants to know which of its jobs are no longer
    /// its own.
    func tell(_ workload: Workload) { self.workload.withLock { $0 = workload } }

    /// Takes note that any job may have changed.
    func hearAll() {
        for bell in watches.withLock({ $0.values.map(\.bell) }) { bell.ring() }
    }

    /// Calls `body` with a bell that rings after each change announced while it runs.
    package func watching<R>(_ job: JobID, _ body: (Bell) async throws -> R) async rethrows -> R {
        let bell = watches.withLock { watches in
            watches[job, default: Watch()].watchers += 1
            return watches[job]?.bell ?? Bell()
        }
        defer {
            watches.withLock { watches in
                watches[job]?.watchers -= 1
                if watches[job]?.watchers == 0 { watches[job] = nil }
            }
        }
        return try await body(bell)
    }
}
