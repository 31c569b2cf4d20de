package import SystemPackage

package struct CurlRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    package enum Body: Sendable {
        case bytes([UInt8])
        /// A part of a file, read while it is sent. A link is not followed.
        case file(FilePath, Range<Int>)

        package var byteCount: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(_, let range): range.count
            }
        }
    }

    /// Where the body of a 2xx goes; that of any other answer is kept in memory, up to ``otherBodyLimit``.
    package enum Destination: Sendable {
        /// For an answer of whatever status, whose head is all that counts: it is the answer, however the transfer goes on.
        /// Up to `limit` bytes of the body are read, and dropped, which keeps the connection for the next request.
        case nowhere(limit: Int)
        case memory(limit: Int)
        /// A file that is made, or emptied if it is there.
        case file(FilePath, limit: Int)
    }

    package var method: Method
    /// `http` or `https`, and sent as it is: escaped already. A redirect is not followed but returned.
    package var url: String
    /// Names in lower case.
    package var fields: [String: String]
    package var body: Body
    package var destination: Destination
    /// For the body of an answer that is no 2xx, in bytes; at 0 the transfer ends with that answer's head.
    package var otherBodyLimit = 64 * 1024
    /// The longest time in which no byte moves, the wait for the answer included.
    package var idleLimit: Duration
    /// For the whole transfer, if there is a limit.
    package var totalLimit: Duration?
    /// Fewer bytes a second than this over ten seconds end the transfer.
    package var leastSpeed: Int

    package init(
        _ method: Method, _ url: String, fields: [String: String] = [:], body: Body = .bytes([]),
        destination: Destination = .memory(limit: 1 << 20), idleLimit: Duration = .seconds(2),
        totalLimit: Duration? = nil, leastSpeed: Int = 1024
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.destination = destination
        self.idleLimit = idleLimit
        self.totalLimit = totalLimit
        self.leastSpeed = leastSpeed
    }
}

package struct CurlResponse: Sendable {
    package let status: Int
    /// Names in lower case; values of the same name are joined by commas.
    package let fields: [String: String]
    /// Empty where the body went to a file.
    package let body: [UInt8]
    /// Of the body, wherever it went.
    package let byteCount: Int

    package var isSuccess: Bool { (200..<300).contains(status) }
}
