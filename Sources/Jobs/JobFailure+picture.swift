import Imaging

extension JobFailure {
    /// What a renderer's error means for the job.
    package init(_ error: PictureError) {
        switch error {
        case .unknownFormat:
            self.init(
                code: "undecodable_image", message: "the bytes are no picture of a known format", isRetryable: false)
        case .undecodable(let reason):
            self.init(code: "undecodable_image", message: reason, isRetryable: false)
        case .tooManyPixels(let reason):
            self.init(code: "too_many_pixels", message: reason, isRetryable: false)
        case .impossible(let plan):
            self.init(code: "impossible_plan", message: plan.message, isRetryable: false)
        case .unencodable(let reason):
            self.init(code: "unencodable_image", message: reason, isRetryable: false)
        case .timedOut(let limit):
            self.init(
                code: "timed_out", message: "developing took longer than \(limit.seconds) s", isRetryable: true)
        case .outOfSpace:
            self.init(code: "insufficient_storage", message: "the disk is full", isRetryable: true)
        case .outOfResources(let reason):
            self.init(code: "internal_error", message: reason, isRetryable: true)
        case .crashed(let reason):
            self.init(code: "crashed", message: reason, isRetryable: true)
        case .failed(let reason):
            self.init(code: "internal_error", message: reason, isRetryable: true)
        }
    }

    /// Every worker that had the job died over it.
    package static func crashed(times: Int) -> JobFailure {
        JobFailure(
            code: "crashed", message: "the job was given up after \(times) workers died while they had it",
            isRetryable: true)
    }
}
