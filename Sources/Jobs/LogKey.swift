/// The keys of log metadata: facts go here, the message is constant text.
package enum LogKey {
    package static let error = "error"
    package static let jobID = "job_id"
    package static let fileID = "file_id"
    package static let worker = "worker"
    package static let fence = "fence"
    package static let attempts = "attempts"
    package static let crashes = "crashes"
    package static let code = "code"
    package static let seconds = "seconds"
    package static let count = "count"
    package static let step = "step"
    package static let delaySeconds = "delay_seconds"
    package static let reason = "reason"
}
