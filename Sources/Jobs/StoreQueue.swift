/// The job queue of a deployment that has only its store: the store's ready jobs are the queue, and this is the bell for
/// them.
///
/// A ring reaches the workers of this process at once, and those of others where ``Hints`` travel between them. Without,
/// and for jobs whose back-off ends, there is a slow look at the store.
package struct StoreQueue: JobQueue {
    package let kind: String
    private let store: any JobStore
    private let interval: Duration
    private let bell: Bell
    private let outbox: HintOutbox?

    /// - Parameters:
    ///   - store: whose ready jobs are the queue.
    ///   - interval: between two looks at the store when no bell rings.
    ///   - bell: also rung from outside, by a ``HintRelay``.
    ///   - outbox: where rings for other processes go.
    package init(
        _ store: any JobStore, interval: Duration = .seconds(1), bell: Bell = Bell(), outbox: HintOutbox? = nil
    ) {
        self.kind = store.kind
        self.store = store
        self.interval = interval
        self.bell = bell
        self.outbox = outbox
    }

    package func ping() async throws { try await store.ping() }

    package func ring(for jobs: [ReadyJob]) {
        bell.ring()
        outbox?.noteWork()
    }

    package func next(limit: Int) async throws -> [Ring] {
        await bell.wait(atMost: interval)
        try Task.checkCancellation()
        return Array(repeating: Ring(job: nil), count: limit)
    }

    package func acknowledge(_ rings: [Ring]) {}

    package func depth() -> Int? { nil }
}
