import NIOHTTP1

extension HTTPRequestHead {
    /// Why a request is not even routed: whom it is for, or what its body is, would be a guess.
    var problem: Problem? {
        // RFC 9112, section 3.2: where the target has no host, the field is there and empty; HTTP/1.0 knows none.
        let hosts = headers["Host"]
        guard hosts.count == 1 || hosts.isEmpty && version == .http1_0 else {
            return Problem(.malformedRequest, "a request names its host once")
        }
        guard hosts.allSatisfy({ $0.isEmpty || Authority.isValid($0) }) else { return .invalidHost }
        // Section 6.1: what is not undone would be taken for the body itself.
        let codings = headers[canonicalForm: "Transfer-Encoding"].map { $0.lowercased() }
        guard codings.isEmpty || codings == ["chunked"] else {
            let given = brief(codings.joined(separator: ", "))
            return Problem(
                .malformedRequest, "Transfer-Encoding is “\(given)”; of the codings only chunked is understood, once")
        }
        return nil
    }
}
