import Synchronization

/// Tells those who wait for a job that it may have changed.
///
/// A hint and nothing more: whoever is told reads the store. Other processes are told through a ``HintRelay`` where there
/// is one; without, a waiting request finds their changes by a slow look (``Intake/job(_:waiting:until:)``).
package final class JobChanges: Sendable {
    /// One for each who waits: a bell that is shared would be silent for who looks at the store while another hears it.
    private let bells = Mutex<[JobID: [Bell]]>([:])
    private let workload = Mutex<Workload?>(nil)
    private let outbox: HintOutbox?
    /// Rings when there may be a webhook to send: something has ended in this process, or a delivery is to be tried again.
    package let webhookBell = Bell()

    /// - Parameter outbox: where changes for other processes go.
    package init(outbox: HintOutbox? = nil) { self.outbox = outbox }

    /// How often who waits for a job should look without being told.
    package var interval: Duration { outbox == nil ? .seconds(1) : .seconds(5) }

    /// Says that this process has changed jobs.
    package func announce(_ jobs: some Sequence<JobID>) {
        hear(jobs)
        outbox?.note(changed: jobs)
    }

    /// Says that this process has come further with a job that it works on, which puts no claim in doubt.
    func announceProgress(of job: JobID) {
        ring(for: job)
        outbox?.note(changed: CollectionOfOne(job))
    }

    /// Takes note that another process has changed jobs.
    func hear(_ jobs: some Sequence<JobID>) {
        let workload = workload.withLock { $0 }
        for job in jobs {
            ring(for: job)
            workload?.doubt(job)
        }
    }

    private func ring(for job: JobID) {
        for bell in bells.withLock({ $0[job] ?? [] }) { bell.ring() }
    }

    /// Has a workload doubt each job that may have changed, from now on: it wants to know which of its jobs are no longer
    /// its own.
    func tell(_ workload: Workload) { self.workload.withLock { $0 = workload } }

    /// Takes note that any job may have changed.
    func hearAll() {
        for bell in bells.withLock({ $0.values.flatMap(\.self) }) { bell.ring() }
    }

    /// Calls `body` with a bell of its own that rings after each change announced while it runs.
    package func watching<R>(_ job: JobID, _ body: (Bell) async throws -> R) async rethrows -> R {
        let bell = Bell()
        bells.withLock { $0[job, default: []].append(bell) }
        defer {
            bells.withLock { bells in
                bells[job]?.removeAll { $0 === bell }
                if bells[job]?.isEmpty == true { bells[job] = nil }
            }
        }
        return try await body(bell)
    }
}
