/// The right to work on a job: it holds until the lease ends or a later claim raises the fence.
package struct Claim: Sendable, Hashable {
    package let job: JobID
    package let worker: WorkerID
    package let fence: Int

    package init(job: JobID, worker: WorkerID, fence: Int) {
        self.job = job
        self.worker = worker
        self.fence = fence
    }

    /// The progress that a worker reports before it begins a job that has crashed before.
    package static let begun = 0.01

    /// How often a job may be claimed before that alone is odd, and a worker's death counts even where the job had not begun.
    package static let maxUnbegun = 20
}

/// Which jobs to claim.
package enum ClaimRequest: Sendable, Hashable {
    /// At most so many that are ready: first those of one class, then the others from high to low, and in each class
    /// those that have been ready for longest.
    case next(Int, preferring: Priority)
    /// These, where they are still ready: what a queue rang for.
    case these([JobID])
    /// At most so many deliveries that are due, those first that have been for longest.
    case deliveries(Int)
}

/// A job that may be claimed now.
package struct ReadyJob: Sendable, Hashable {
    package let id: JobID
    package let priority: Priority

    package init(id: JobID, priority: Priority) {
        self.id = id
        self.priority = priority
    }
}
