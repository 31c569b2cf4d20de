/// Why the work on a job failed, where the job is charged with it.
package protocol JobError: Error {
    var failure: JobFailure { get }
    /// How long the one who refused wants to be left alone.
    var retryAfter: Duration? { get }
}

extension JobError {
    package var retryAfter: Duration? { nil }
}

extension PictureError: JobError {
    package var failure: JobFailure { JobFailure(self) }
}

extension FetchError: JobError {
    package var failure: JobFailure {
        let code =
            switch self {
            case .forbidden: "forbidden_url"
            case .tooLarge: "file_too_large"
            case .timedOut: "timed_out"
            case .unusable, .tooManyRedirects, .status, .unreachable, .broken, .outOfSpace, .failed: "fetch_failed"
            }
        return JobFailure(code: code, message: "\(self)", isRetryable: isRetryable)
    }
}

extension VisionError: JobError {
    package var failure: JobFailure {
        JobFailure(code: "description_failed", message: message, isRetryable: isRetryable)
    }
}
