import HTTPTypes
import Jobs
import Logging

/// Counts and logs each answer.
struct AccessLog: Sendable {
    let metrics: HTTPMetrics
    let logger: Logger

    struct Entry {
        /// The client's own, or one that was made.
        let id: String
        /// `nil` where what came is no request.
        let method: HTTPRequest.Method?
        let path: String
        /// A template, so that ids do not make series of their own.
        let route: String
        /// Where the request came from, if that is still known.
        let peer: String?
        let status: Int
        /// In bytes, of the body.
        let length: Int
        let duration: Duration
        let job: JobID?
    }

    /// What is not ours is one route together.
    static let unknownRoute = "unknown"

    func record(_ entry: Entry) {
        metrics.answered(route: entry.route, method: entry.method, status: entry.status, in: entry.duration)
        let milliseconds = Double(entry.duration / .microseconds(1)).rounded() / 1000
        var metadata: Logger.Metadata = [
            LogKey.requestID: .string(entry.id), LogKey.method: .string(entry.method?.rawValue ?? ""),
            LogKey.path: .string(entry.path), LogKey.route: .string(entry.route),
            LogKey.status: .stringConvertible(entry.status), LogKey.bytes: .stringConvertible(entry.length),
            LogKey.milliseconds: .stringConvertible(milliseconds), LogKey.peer: .string(entry.peer ?? "unknown"),
        ]
        if let job = entry.job { metadata[LogKey.jobID] = .stringConvertible(job) }
        logger.log(level: entry.route.hasPrefix("/health") ? .debug : .info, "request", metadata: metadata)
    }
}
