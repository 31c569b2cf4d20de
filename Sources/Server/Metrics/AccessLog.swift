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
        let method: HTTPRequest.Method?
        let path: String
        let route: String
        /// Where the request came from, if that is still known.
        let peer: String?
        let status: Int
        /// In bytes, of the body.
        let length: Int
        /// From the end of the header; `nil` where there was none, or none that is valid.
        let duration: Duration?
        let job: JobID?
    }

    /// The route of whatever has none.
    static let unknownRoute = "unknown"

    func record(_ entry: Entry) {
        metrics.answered(route: entry.route, method: entry.method, status: entry.status, in: entry.duration)
        var metadata: Logger.Metadata = [
            LogKey.requestID: .string(entry.id), LogKey.method: .string(entry.method?.rawValue ?? ""),
            LogKey.path: .string(entry.path), LogKey.route: .string(entry.route),
            LogKey.status: .stringConvertible(entry.status), LogKey.bytes: .stringConvertible(entry.length),
            LogKey.peer: .string(entry.peer ?? "unknown"),
        ]
        if let duration = entry.duration {
            metadata[LogKey.milliseconds] = .stringConvertible(Double(duration / .microseconds(1)).rounded() / 1000)
        }
        if let job = entry.job { metadata[LogKey.jobID] = .stringConvertible(job) }
        logger.log(level: entry.route.hasPrefix("/health") ? .debug : .info, "request", metadata: metadata)
    }
}
