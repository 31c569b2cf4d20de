package import Imaging

/// One task on one source.
package struct Job: Sendable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case queued, processing, done, failed, canceled

        /// Whether the job stays so for ever.
        package var isFinal: Bool {
            switch self {
            case .queued, .processing: false
            case .done, .failed, .canceled: true
            }
        }
    }

    package var id: JobID
    package var source: JobSource
    package var task: JobTask
    /// Equal for jobs that give the same result; see ``CacheKey``.
    package var cacheKey: CacheKey
    /// Where the client reached us, for the absolute URLs that it is sent later.
    package var publicURL: String
    package var priority: Priority
    package var createdAt: Timestamp
    /// The batch that it is of, if any.
    package var batch: BatchID?
    /// Who is told when it has ended: a URL, or ``Receiver/operators``.
    package var webhookURL: String?

    package var state = State.queued
    /// The part of the work that is done, 0…1.
    package var progress = 0.0
    /// Tries that ended in an error worth another.
    package var attempts = 0
    /// Tries that ended with no word at all: the process died, or lost its lease.
    package var crashes = 0
    /// Rises by one with each claim. Whoever claimed under a lower number has lost the job.
    package var fence = 0
    /// When a queued job may run: now, or after a back-off.
    package var runAt: Timestamp
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var failure: JobFailure?
    package var result: JobResult?
    /// Whether the result was there before, or came from another job for the same thing.
    package var isCached = false
    /// Final jobs and their results go at this time.
    package var expiresAt: Timestamp?
    /// Who works on it.
    package var worker: WorkerID?
    package var tries = Tries()

    package init(
        id: JobID, file: StoredFile, plan: Plan, cacheKey: CacheKey, publicURL: String, priority: Priority = .normal,
        createdAt: Timestamp
    ) {
        self.init(
            id: id, source: .file(file.id, file.blob), task: .develop(plan), cacheKey: cacheKey, publicURL: publicURL,
            priority: priority, createdAt: createdAt)
    }

    package init(
        id: JobID, source: JobSource, task: JobTask, cacheKey: CacheKey, publicURL: String,
        priority: Priority = .normal, createdAt: Timestamp
    ) {
        self.id = id
        self.source = source
        self.task = task
        self.cacheKey = cacheKey
        self.publicURL = publicURL
        self.priority = priority
        self.createdAt = createdAt
        self.runAt = createdAt
    }
}

extension Job {
    /// What a queue is told of a job that may be claimed.
    package var ready: ReadyJob { ReadyJob(id: id, priority: priority) }

    /// `nil` where no plan is applied.
    package var plan: Plan? {
        switch task {
        case .develop(let plan): plan
        case .describe, .deliver: nil
        }
    }

    package var line: Line {
        switch task {
        case .develop, .describe: .pictures(priority)
        case .deliver: .deliveries
        }
    }
}

/// What a job made.
package struct JobResult: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// Its size is in pixels.
        case picture(ImageFormat, Size)
        /// A ``Description`` as JSON.
        case description
    }

    package var blob: BlobKey
    package var content: Content
    package var byteCount: Int
    /// What the plan asked of the picture.
    package var facts: [Fact]

    package init(blob: BlobKey, content: Content, byteCount: Int, facts: [Fact] = []) {
        self.blob = blob
        self.content = content
        self.byteCount = byteCount
        self.facts = facts
    }
}

extension [Fact] {
    /// As stores keep them: `name=value`, blanks between them.
    package var text: String { map { "\($0.name)=\($0.value)" }.joined(separator: " ") }

    /// Reads ``text``.
    package init(text: some StringProtocol) {
        self = text.split(separator: " ").compactMap { word in
            let parts = word.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? Fact(name: String(parts[0]), value: String(parts[1])) : nil
        }
    }
}

extension JobResult.Content {
    package var contentType: String {
        switch self {
        case .picture(let format, _): format.contentType
        case .description: "application/json"
        }
    }

    package var fileExtension: String {
        switch self {
        case .picture(let format, _): format.fileExtension
        case .description: "json"
        }
    }
}

/// Why a job, or one try of it, failed.
package struct JobFailure: Sendable, Hashable, Codable, Error {
    /// One of the contract's codes, such as `undecodable_image`.
    package var code: String
    /// For people: the thing, what was found, what was allowed.
    package var message: String
    /// Whether the same job may succeed another time.
    package var isRetryable: Bool

    package init(code: String, message: String, isRetryable: Bool) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
    }
}
