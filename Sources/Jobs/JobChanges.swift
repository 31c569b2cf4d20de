import Synchronization

/// Tells those who wait for a job, in this process, that it may have changed.
///
/// A hint and nothing more: whoever is told reads the store. Changes made by other processes come through the store's own
/// feed where it has one, else by the waiting side's slow look (``Intake/job(_:waiting:until:)``).
package final class JobChanges: Sendable {
    private struct Watch {
        let bell = Bell()
        var watchers = 0
    }

    private let watches = Mutex<[JobID: Watch]>([:])

    package init() {}

    package func announce(_ jobs: some Sequence<JobID>) {
        for job in jobs { watches.withLock { $0[job]?.bell }?.ring() }
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
