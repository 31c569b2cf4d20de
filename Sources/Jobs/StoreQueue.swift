/// The job queue of a deployment that has only its store: the store's ready jobs are the queue, and this is the bell for
/// them.
///
/// A ring reaches the workers of this process at once. Work that other processes bring, and jobs whose back-off ends, are
/// found by a slow look at the store.
package struct StoreQueue: JobQueue {
    package let kind: String
    private let interval: Duration
    private let bell = Bell()

    /// - Parameters:
    ///   - kind: the store's, for `/health`.
    ///   - interval: between two looks at the store when no bell rings.
    package init(kind: String, interval: Duration = .seconds(1)) {
        self.kind = kind
        self.interval = interval
    }

    package func ring(for jobs: [JobID]) { bell.ring() }

    package func next(limit: Int) async throws -> [Ring] {
        await bell.wait(atMost: interval)
        try Task.checkCancellation()
        return Array(repeating: Ring(job: nil), count: limit)
    }

    package func acknowledge(_ rings: [Ring]) {}
}
