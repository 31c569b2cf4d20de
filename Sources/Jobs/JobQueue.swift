import Logging

/// The doorbell: it tells workers that there may be work. The store alone knows whether there is, so a ring that is lost,
/// repeated or late costs time and nothing else.
package protocol JobQueue: Sendable {
    /// What `/health` calls it.
    var kind: String { get }

    /// One cheap round trip, to see that the queue answers.
    func ping() async throws

    /// Rings for jobs that became ready; called after the store's commit.
    /// - Throws: ``JobStoreError/unavailable(reason:)`` within two seconds where the queue does not answer.
    func ring(for jobs: [ReadyJob]) async throws

    /// Waits for rings, at most `limit` at once; returns empty when the wait may have been for nothing and the store is
    /// worth a look.
    func next(limit: Int) async throws -> [Ring]

    /// Takes rings off the queue once their claims were committed or refused.
    func acknowledge(_ rings: [Ring]) async throws

    /// Lets go of the rings that came for this process and were not acknowledged, so that others have them at once. Called
    /// when it will hear no more; it may still ring.
    /// - Throws: ``JobStoreError/unavailable(reason:)``; others then take the rings over in the queue's own time.
    func leave() async throws

    /// How many rings wait; `nil` where the store's own ready jobs are the queue, so that none can be lost.
    func depth() async throws -> Int?
}

extension JobQueue {
    /// Where no ring belongs to a process there is nothing to let go of.
    package func leave() async throws {}

    /// Rings for jobs that are committed: a ring that is lost only delays them until the reconciler's next sweep.
    func ring(for jobs: [ReadyJob], orLogTo logger: Logger) async {
        guard !jobs.isEmpty else { return }
        do {
            try await ring(for: jobs)
        } catch {
            logger.warning("a ring was lost", metadata: [LogKey.error: "\(error)"])
        }
    }
}

/// One ring.
package struct Ring: Sendable, Hashable {
    /// The job that it is for; `nil` where it does not say so in a way that we can read.
    package let job: JobID?
    /// The queue's own handle.
    package let receipt: String

    package init(job: JobID?, receipt: String = "") {
        self.job = job
        self.receipt = receipt
    }
}
