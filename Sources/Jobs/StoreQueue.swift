/// The job queue of a deployment that has only its store: the store's ready jobs are the queue, and this is the bell for
/// them.
///
/// A ring reaches the workers of this process at once, and those of others where ``Hints`` travel between them. Without,
/// and for jobs whose back-off ends, there is a slow look at the store.
package struct StoreQueue: JobQueue {
    package let kind: String
    private let store: any JobStore
    private let pauses: ClosedRange<Duration>
    private let bell: Bell
    private let outbox: HintOutbox?

    /// - Parameters:
    ///   - store: whose ready jobs are the queue.
    ///   - pauses: between two looks at the store when no bell rings; they grow while there is nothing to find.
    ///   - bell: also rung from outside, by a ``HintRelay``.
    ///   - outbox: where rings for other processes go.
    package init(
        _ store: any JobStore, pauses: ClosedRange<Duration> = .seconds(1)...(.seconds(1)), bell: Bell = Bell(),
        outbox: HintOutbox? = nil
    ) {
        self.kind = store.kind
        self.store = store
        self.pauses = pauses
        self.bell = bell
        self.outbox = outbox
    }

    package func ping() async throws { try await store.ping() }

    package func ring(for jobs: [ReadyJob]) {
        bell.ring()
        outbox?.noteWork()
    }

    package func next(limit: Int) async throws -> [Ring] {
        var pause = pauses.lowerBound
        while await bell.wait(atMost: pause) {
            // Much cheaper than a claim that finds nothing. Whatever our own clock says, the store judges by its own.
            if try await !store.readyJobs(waitingSince: .distantFuture, limit: 1).isEmpty { break }
            pause = min(pause * 2, pauses.upperBound)
        }
        try Task.checkCancellation()
        return []
    }

    package func acknowledge(_ rings: [Ring]) {}

    package func depth() -> Int? { nil }
}
