/// When a webhook is tried, as the Standard Webhooks specification proposes ("Deliverability and reliability"): its
/// list is read as the delays before each try, counted from the failure of the one before. With no jitter, the tenth
/// and last try begins 75 h 35 min 5 s after the first.
package enum WebhookSchedule {
    /// How long to wait before the next try.
    ///
    /// - Parameters:
    ///   - failures: how many tries have failed so far; the first one, after none, is due at once.
    ///   - retryAfter: what the receiver asked for: the next try waits at least that long, and no less than scheduled,
    ///     so that a receiver that asks for a second does not use up all tries in ten.
    /// - Returns: the scheduled delay, up to a fifth less or more; `nil` when the tries are used up.
    package static func delay(
        after failures: Int, retryAfter: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        guard delays.indices.contains(failures) else { return nil }
        let delay = delays[failures] * Double.random(in: 0.8...1.2, using: &generator)
        return max(delay, retryAfter ?? .zero)
    }

    /// The most that a receiver may ask for: as long as the schedule ever waits.
    package static let longestRetryAfter = Duration.seconds(24 * 3600)

    private static let delays: [Duration] = [
        .zero, .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600),
        .seconds(10 * 3600), .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
    ]
}

/// What came of one try to deliver a webhook.
package enum WebhookOutcome: Hashable, Sendable {
    case delivered
    /// No other try would do it: the receiver wants no more webhooks, or is where we may not go.
    case refused(reason: String)
    /// Another try may do it; `retryAfter` is what the receiver asked for.
    case failed(reason: String, retryAfter: Duration?)

    /// Whether another try may do better.
    var isFailure: Bool { if case .failed = self { true } else { false } }

    /// What an answer means. Redirects are not followed: where they lead is for the receiver's owner to enter.
    ///
    /// - Parameter fields: the answer's, names in lower case.
    package init(status: Int, fields: [String: String], now: Timestamp) {
        switch status {
        case 200..<300: self = .delivered
        case 410: self = .refused(reason: "the receiver answered 410: it wants no more webhooks")
        default:
            let reason = "the receiver answered \(status)"
            self = .failed(
                reason: (300..<400).contains(status) ? "\(reason): redirects are not followed" : reason,
                retryAfter: RetryAfter.delay(in: fields, now: now, atMost: WebhookSchedule.longestRetryAfter))
        }
    }
}
