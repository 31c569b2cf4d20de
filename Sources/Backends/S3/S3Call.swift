import HTTPClient

/// One S3 operation.
struct S3Call: Sendable {
    var method: CurlRequest.Method
    /// With the storage's prefix; `nil` for the bucket itself.
    var key: String?
    var query: [String: String] = [:]
    var fields: [String: String] = [:]
    var body = CurlRequest.Body.bytes([])
    /// The body's SHA-256.
    var digest = CanonicalRequest.emptyPayload
    var destination = CurlRequest.Destination.memory(limit: 4 << 20)
    /// What the server may need before it answers, beyond the usual.
    var allowance = Duration.zero
    /// In bytes a second.
    var leastSpeed = 1024

    init(_ method: CurlRequest.Method, _ key: String? = nil) {
        self.method = method
        self.key = key
    }
}
