import Imaging
import Metrics

/// Names that back ends of the metrics know too.
package enum MeasureLabel {
    /// By `state`, `done` or `failed`.
    package static let jobsFinished = "tintype_jobs_finished_total"
    package static let jobDuration = "tintype_job_duration_seconds"
    static let jobsSubmitted = "tintype_jobs_submitted_total"
    static let jobWait = "tintype_job_wait_seconds"
    static let bytesReceived = "tintype_received_bytes_total"
    static let bytesMade = "tintype_result_bytes_total"
}

/// What the domain counts; names and units as Prometheus has them.
enum Measures {
    /// - Parameter followers: how many jobs are done with it.
    static func finished(_ job: Job, in duration: Duration, followers: Int) {
        Counter(label: MeasureLabel.jobsFinished, dimensions: [("state", "done")]).increment(by: 1 + followers)
        let operation =
            switch job.task {
            case .develop(let plan): plan.steps.first?.specification.name ?? "none"
            case .describe, .deliver: job.task.kind.rawValue
            }
        Timer(label: MeasureLabel.jobDuration, dimensions: [("operation", operation)])
            .recordNanoseconds(Int64(duration.seconds * 1e9))
    }

    static func failed(jobs: Int, code: String) {
        Counter(label: MeasureLabel.jobsFinished, dimensions: [("state", "failed")]).increment(by: jobs)
        Counter(label: "tintype_job_failures_total", dimensions: [("code", code)]).increment(by: jobs)
    }

    /// A job is worked on for the first time.
    static func waited(_ job: Job) {
        guard let startedAt = job.startedAt else { return }
        Timer(label: MeasureLabel.jobWait).recordNanoseconds(
            max(0, startedAt.milliseconds - job.createdAt.milliseconds) * 1_000_000)
    }

    /// A source has come, as an upload or from its URL.
    static func received(byteCount: Int) { Counter(label: MeasureLabel.bytesReceived).increment(by: byteCount) }

    /// A result is there.
    static func made(byteCount: Int) { Counter(label: MeasureLabel.bytesMade).increment(by: byteCount) }

    static func retried() { Counter(label: "tintype_job_retries_total").increment() }

    static func webhookTried(_ outcome: WebhookOutcome) {
        let word =
            switch outcome {
            case .delivered: "delivered"
            case .refused: "refused"
            case .failed: "failed"
            }
        Counter(label: "tintype_webhook_tries_total", dimensions: [("outcome", word)]).increment()
    }

    /// Work that was thrown away because the job had been given to another.
    static func claimLost() { Counter(label: "tintype_lease_lost_total").increment() }

    static func submitted(isCached: Bool) {
        Counter(label: MeasureLabel.jobsSubmitted).increment()
        guard isCached else { return }
        Counter(label: "tintype_cache_hits_total").increment()
        // It is done with that.
        Counter(label: MeasureLabel.jobsFinished, dimensions: [("state", "done")]).increment()
    }

    static func reclaimed(requeued: Int, failed: Int) {
        Counter(label: "tintype_leases_expired_total").increment(by: requeued + failed)
    }

    static func swept(blobs: Int) { Counter(label: "tintype_blobs_deleted_total").increment(by: blobs) }
}
