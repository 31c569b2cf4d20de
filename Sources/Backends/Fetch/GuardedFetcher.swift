import HTTPClient
package import Jobs
package import SystemPackage

/// Fetches what users name by a libcurl of its own, from where ``AddressGuard`` lets it go.
///
/// What comes is taken as it is: with no encoding of ours undone, a compressed answer is a file like any other.
package struct GuardedFetcher: SourceFetcher {
    private static let redirectLimit = 3

    private let client: CurlClient
    private let totalLimit: Duration

    /// - Parameters:
    ///   - connectLimit: for each connection, from the look-up of the name to the end of the TLS handshake.
    ///   - totalLimit: for a fetch with all its redirects.
    package init(
        _ rules: AddressGuard, connectLimit: Duration = .seconds(10), totalLimit: Duration = .seconds(30)
    ) {
        client = CurlClient(.guarded(by: rules, connectLimit: connectLimit))
        self.totalLimit = totalLimit
    }

    /// Redirects are followed from `https` to `http` too: either might have been asked for, and no secret goes with either.
    package func fetch(_ url: SourceURL, to path: FilePath, limit: Int) async throws -> Int {
        let end = ContinuousClock.now + totalLimit
        var url = url
        for _ in 0...Self.redirectLimit {
            let answer = try await answer(from: url, to: path, limit: limit, until: end)
            if answer.isSuccess { return answer.byteCount }
            url = try target(of: answer, from: url)
        }
        throw FetchError.tooManyRedirects(limit: Self.redirectLimit)
    }

    private func answer(
        from url: SourceURL, to path: FilePath, limit: Int, until end: ContinuousClock.Instant
    ) async throws -> CurlResponse {
        let time = ContinuousClock.now.duration(to: end)
        guard time > .zero else { throw FetchError.timedOut }
        var request = CurlRequest(
            .get, "\(url)", fields: ["accept-encoding": "identity"], destination: .file(path, limit: limit),
            // However slow it is, until the time is up.
            idleLimit: time, totalLimit: time, leastSpeed: 0)
        request.otherBodyLimit = 0
        do {
            return try await client.send(request)
        } catch let error as CurlError {
            throw FetchError(error)
        }
    }

    /// Where a redirect leads.
    /// - Throws: what any other answer means.
    private func target(of answer: CurlResponse, from url: SourceURL) throws(FetchError) -> SourceURL {
        guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.fields["location"] else {
            // Later than a day nobody waits, whatever a server says.
            let retryAfter = RetryAfter.delay(in: answer.fields, now: .now, atMost: .seconds(86_400))
            throw .status(answer.status, retryAfter: retryAfter)
        }
        do throws(SourceURLError) {
            return try url.resolving(location)
        } catch {
            throw .unusable(reason: "it redirects, and there \(error)")
        }
    }
}

extension FetchError {
    fileprivate init(_ error: CurlError) {
        switch error {
        case .unusable(let reason): self = .unusable(reason: reason)
        case .forbiddenAddress: self = .forbidden
        case .unreachable(let reason): self = .unreachable(reason: reason)
        case .timedOut: self = .timedOut
        case .broken(let reason): self = .broken(reason: reason)
        case .tooLarge(let limit): self = .tooLarge(limit: limit)
        case .file(.noSpace), .file(.diskQuotaExceeded): self = .outOfSpace
        case .file, .busy: self = .failed(reason: "\(error)")
        }
    }
}
