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
}

/// Which jobs to claim.
package enum ClaimRequest: Sendable, Hashable {
    /// The oldest that are ready, at most so many.
    case next(Int)
    /// These, where they are still ready: what a queue rang for.
    case these([JobID])
}
