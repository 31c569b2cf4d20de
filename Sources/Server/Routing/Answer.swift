import HTTPTypes
import Jobs
import NIOCore

/// What a route answers. The length of the body goes into the header when it is sent.
struct Answer: Sendable {
    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// A part of an object, read as fast as the client takes it. Whoever sends the answer, or drops it, closes it.
        case object(any ObjectReader, Range<Int>)
        /// Pieces as they come, until there is none; how many is not known before.
        case pieces(@Sendable () async throws -> ByteBuffer?)
        /// What a GET would send and a HEAD does not.
        case absent(byteCount: Int)
    }

    var status: HTTPResponse.Status
    var fields: HTTPFields = [:]
    var body = Body.none
    /// The job that the request made, for who follows it through the log.
    var job: JobID?

    init(_ status: HTTPResponse.Status, fields: HTTPFields = [:], body: Body = .none) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    init(_ status: HTTPResponse.Status = .ok, json: JSON, fields: HTTPFields = [:]) {
        self.init(status, fields: fields, body: .bytes(json.text))
        self.fields[.contentType] = "application/json"
    }

    /// Adds what every answer bears: its request's id, and when it was given.
    mutating func mark(with id: String) {
        fields[.requestID] = id
        fields[.date] = HTTPDate.text(at: Int(Timestamp.now.milliseconds / 1000))
    }

    /// In bytes; `nil` where it is not known.
    var bodyLength: Int? {
        switch body {
        case .none: 0
        case .bytes(let bytes): bytes.readableBytes
        case .object(_, let range): range.count
        case .pieces: nil
        case .absent(let byteCount): byteCount
        }
    }

    /// Releases what the body holds, without sending it.
    func drop() async {
        if case .object(let reader, _) = body { await reader.close() }
    }
}
