import HTTPClient
package import Jobs

/// Sends webhooks by a libcurl of its own, to where ``AddressGuard`` lets it go and to the operator's own receiver.
package struct GuardedSender: WebhookSender {
    /// Receivers say a word or two. What is longer is not worth the connection.
    private static let answerLimit = 4096

    private let client: CurlClient
    private let trusted: (url: SourceURL, client: CurlClient)?
    private let secrets: [WebhookSecret]
    private let totalLimit: Duration
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - trusted: the operator's receiver, which may be at any address but those of metadata services. Other paths of the
    ///     same host may be anybody's wish, and are under the rules.
    ///   - secrets: sign each webhook; with none, it goes unsigned.
    ///   - totalLimit: for a try, from the look-up of the name to the end of the answer's head.
    package init(
        _ rules: AddressGuard, trusted: SourceURL?, secrets: [WebhookSecret],
        totalLimit: Duration = .seconds(15), now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        client = CurlClient(.guarded(by: rules))
        self.trusted = trusted.map { url in
            let rules = AddressGuard(allowedPorts: [url.port], allowedNetworks: ["0.0.0.0/0", "::/0"])
            return (url, CurlClient(.guarded(by: rules)))
        }
        self.secrets = secrets
        self.totalLimit = totalLimit
        self.now = now
    }

    package func send(_ body: [UInt8], id: String, to url: SourceURL) async throws -> WebhookOutcome {
        var fields = WebhookSignature.fields(id: id, body: body, secrets: secrets, now: now())
        fields["content-type"] = "application/json"
        let request = CurlRequest(
            .post, "\(url)", fields: fields, body: .bytes(body), destination: .nowhere(limit: Self.answerLimit),
            // The time that counts begins with the try's turn, for which it may have waited long while nothing moved.
            idleLimit: .seconds(3600), totalLimit: totalLimit, leastSpeed: 0)
        do {
            let answer = try await client(for: url).send(request)
            return WebhookOutcome(status: answer.status, fields: answer.fields, now: now())
        } catch let error as CurlError {
            return WebhookOutcome(error)
        }
    }

    private func client(for url: SourceURL) -> CurlClient {
        if let trusted, trusted.url == url { trusted.client } else { client }
    }
}

extension WebhookOutcome {
    fileprivate init(_ error: CurlError) {
        switch error {
        case .forbiddenAddress:
            self = .refused(reason: "the webhook's URL leads to an address or a port that is not allowed")
        case .unusable(let reason): self = .refused(reason: "the webhook cannot be sent: \(reason)")
        case .unreachable(let reason): self.init(failure: "the receiver could not be reached: \(reason)")
        case .timedOut: self.init(failure: "the receiver did not answer in time")
        case .broken(let reason): self.init(failure: "sending the webhook failed: \(reason)")
        case .busy, .tooLarge, .file: self.init(failure: "\(error)")
        }
    }

    private init(failure reason: String) { self = .failed(reason: reason, retryAfter: nil) }
}
