import Jobs

extension LogKey {
    static let requestID = "request_id"
    static let method = "method"
    static let path = "path"
    static let route = "route"
    static let status = "status"
    static let peer = "peer"
    static let milliseconds = "ms"
    static let bytes = "bytes"
}
