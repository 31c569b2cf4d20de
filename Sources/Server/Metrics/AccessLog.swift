import HTTPTypes
import Jobs
import Logging
import NIOCore

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
        let peer: SocketAddress?
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
        // The metadata are not made where nobody reads them.
        logger.log(
            level: entry.route.hasPrefix("/health") ? .debug : .info, "request", metadata: entry.metadata)
    }
}

extension AccessLog.Entry {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            LogKey.requestID: .string(id), LogKey.method: .string(method?.rawValue ?? ""), LogKey.path: .string(path),
            LogKey.route: .string(route), LogKey.status: .stringConvertible(status),
            LogKey.bytes: .stringConvertible(length), LogKey.peer: .string(peer?.ipAddress ?? "unknown"),
        ]
        if let duration {
            metadata[LogKey.milliseconds] = .stringConvertible(Double(duration / .microseconds(1)).rounded() / 1000)
        }
        if let job { metadata[LogKey.jobID] = .stringConvertible(job) }
        return metadata
    }
}
