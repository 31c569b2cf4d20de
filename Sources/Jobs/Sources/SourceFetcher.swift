package import SystemPackage

/// Fetches what users name, from wherever they may name it.
package protocol SourceFetcher: Sendable {
    /// Fetches what a URL names into a file that is made at `path`; what is there when this throws is worthless.
    ///
    /// - Parameter limit: for the file, in bytes. What would be longer is not read to its end.
    /// - Returns: the file's length in bytes.
    /// - Throws: ``FetchError``, or `CancellationError`.
    func fetch(_ url: SourceURL, to path: FilePath, limit: Int) async throws -> Int
}

/// Why a URL was not fetched. No message says which address a name led to.
package enum FetchError: Error, Hashable, Sendable {
    /// The port, or the address that the name led to, here or after a redirect.
    case forbidden
    /// Nothing can be asked with this URL, or with the one that it redirects to.
    case unusable(reason: String)
    case tooManyRedirects(limit: Int)
    /// The server's last answer, if it was no success.
    case status(Int, retryAfter: Duration?)
    /// In bytes.
    case tooLarge(limit: Int)
    case timedOut
    case unreachable(reason: String)
    /// The answer ended before its end, or is no HTTP.
    case broken(reason: String)
    case outOfSpace
    /// We did not get to it.
    case failed(reason: String)

    /// Whether the same URL may be fetched another time.
    package var isRetryable: Bool {
        switch self {
        case .status(let status, _): status == 429 || status >= 500
        case .timedOut, .unreachable, .broken, .outOfSpace, .failed: true
        case .forbidden, .unusable, .tooManyRedirects, .tooLarge: false
        }
    }

    /// How long the server wants to be left alone.
    package var retryAfter: Duration? {
        if case .status(_, let duration) = self { duration } else { nil }
    }
}

extension FetchError: CustomStringConvertible {
    /// For people.
    package var description: String {
        switch self {
        case .forbidden: "the URL leads to an address or a port that is not allowed"
        case .unusable(let reason): "the URL cannot be fetched: \(reason)"
        case .tooManyRedirects(let limit): "fetching the URL failed: it redirects more than \(limit) times"
        case .status(let status, _): "fetching the URL failed with status \(status)"
        case .tooLarge(let limit): "what the URL names is longer than \(limit) bytes"
        case .timedOut: "fetching the URL took too long"
        case .unreachable(let reason): "the URL's server could not be reached: \(reason)"
        case .broken(let reason): "fetching the URL failed: \(reason)"
        case .outOfSpace: "the disk is full"
        case .failed(let reason): reason
        }
    }
}
