/// Why a multipart body is refused.
enum MultipartError: Error, Hashable, Sendable {
    /// The Content-Type names no boundary, or one that RFC 2046 does not allow.
    case invalidBoundary
    /// `reason` says what was found where.
    case malformed(reason: String)
    /// The body ended before its last delimiter.
    case truncated
    case tooManyParts(limit: Int)
}

extension Problem {
    init(_ error: MultipartError) {
        switch error {
        case .invalidBoundary:
            self.init(
                .malformedMultipart,
                "Content-Type must name a boundary of 1 to 70 characters, as in multipart/form-data; boundary=…")
        case .malformed(let reason): self.init(.malformedMultipart, reason)
        case .truncated: self.init(.malformedMultipart, "the body ends before its closing boundary")
        case .tooManyParts(let limit): self.init(.tooManyParts, "a body may have \(limit) parts")
        }
    }
}
