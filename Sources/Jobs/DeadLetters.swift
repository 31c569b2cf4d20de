package import Logging

/// A job that failed for good, for people to look at.
package struct DeadLetter: Sendable, Hashable {
    package let job: JobID
    /// Why, in words.
    package let reason: String
    package let attempts: Int
    /// When it ended.
    package let timestamp: Timestamp

    package init(job: JobID, reason: String, attempts: Int, timestamp: Timestamp) {
        self.job = job
        self.reason = reason
        self.attempts = attempts
        self.timestamp = timestamp
    }

    /// - Returns: `nil` for a job that did not fail.
    init?(_ job: Job) {
        guard job.state == .failed, let failure = job.failure else { return nil }
        self.init(
            job: job.id, reason: "\(failure.code): \(failure.message)", attempts: job.attempts,
            timestamp: job.finishedAt ?? job.createdAt)
    }
}

/// A copy of the dead letters where other tools look for them. The store's failed jobs are the truth; a copy that lacks
/// some is rebuilt from them.
package protocol DeadLetterMirror: Sendable {
    /// Adds letters, the newest last, and drops the oldest beyond ``DeadLetters/capacity``.
    func append(_ letters: [DeadLetter]) async throws

    /// Whether it is this process that shall replace them now: all processes ask, and one is enough.
    func takeTurn() async throws -> Bool

    /// Puts these, the newest first, in the place of all.
    func replace(with letters: [DeadLetter]) async throws
}

/// Tells of jobs that failed for good: counts and logs each, and keeps a mirror of them where the deployment has one.
package struct DeadLetters: Sendable {
    private let store: any JobStore
    private let mirror: (any DeadLetterMirror)?
    private let logger: Logger

    /// How many the mirror holds: the newest.
    package static let capacity = 10_000
    private static let pageSize = 500

    package init(of store: any JobStore, in mirror: (any DeadLetterMirror)?, logger: Logger) {
        self.store = store
        self.mirror = mirror
        self.logger = logger
    }

    /// Adds jobs that just ended. What the mirror cannot take now is there after the next rebuilding.
    func add(_ jobs: [JobID], because failure: JobFailure) async {
        guard !jobs.isEmpty else { return }
        Measures.failed(jobs: jobs.count, code: failure.code)
        for job in jobs {
            logger.warning(
                "job failed",
                metadata: [
                    LogKey.jobID: "\(job)", LogKey.code: "\(failure.code)", LogKey.error: "\(failure.message)",
                ])
        }
        guard let mirror else { return }
        do {
            var letters: [DeadLetter] = []
            for id in jobs {
                if let letter = DeadLetter(try await store.job(id)) { letters.append(letter) }
            }
            try await mirror.append(letters)
        } catch {
            logger.warning("dead letters were not copied", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// Copies all anew: what was retried or expired goes, what was missed comes.
    package func rebuild() async throws {
        guard let mirror, try await mirror.takeTurn() else { return }
        var letters: [DeadLetter] = []
        var cursor: JobID?
        while letters.count < Self.capacity {
            let page = try await store.jobs(JobFilter(state: .failed), after: cursor, limit: Self.pageSize)
            letters += page.compactMap(DeadLetter.init)
            guard page.count == Self.pageSize else { break }
            cursor = page.last?.id
        }
        try await mirror.replace(with: letters.sorted { $0.timestamp > $1.timestamp })
    }
}
