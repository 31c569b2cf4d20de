import CCurl
package import SystemPackage

/// Why there is no answer. No message says which address a name led to.
package enum CurlError: Error, Hashable, Sendable {
    /// The URL or a field cannot be sent, or what is there speaks no HTTP.
    case unusable(reason: String)
    /// The profile allows no connection to any address that the name led to.
    case forbiddenAddress
    /// There is no connection.
    case unreachable(reason: String)
    case timedOut(reason: String)
    /// The connection ended within the exchange.
    case broken(reason: String)
    /// The body is longer than the request allows, in bytes.
    case tooLarge(limit: Int)
    /// The request's own file, or the one for the answer.
    case file(Errno)
    /// No turn came.
    case busy(reason: String)

    /// Whether the same request may succeed soon.
    package var isTransient: Bool {
        switch self {
        case .unreachable, .timedOut, .broken, .busy: true
        case .unusable, .forbiddenAddress, .tooLarge, .file: false
        }
    }

    /// What libcurl says about a transfer that failed.
    @safe init(_ code: CURLcode) {
        let reason = unsafe String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: self = .unusable(reason: reason)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            self = .unreachable(reason: reason)
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut(reason: reason)
        default: self = .broken(reason: reason)
        }
    }
}

extension CurlError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unusable(let reason), .unreachable(let reason), .timedOut(let reason), .broken(let reason),
            .busy(let reason):
            reason
        case .forbiddenAddress: "The address is not allowed"
        case .tooLarge(let limit): "The answer is longer than \(limit) bytes"
        case .file(let errno): "A file of ours: \(errno)"
        }
    }
}
