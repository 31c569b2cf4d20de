import Jobs
import Testing

@Suite struct `The schedule of a webhook` {
    // The specification's example, in seconds.
    private static let delays = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]

    @Test(arguments: zip(delays.indices, delays))
    func `waits as the specification proposes, a fifth more or less`(_ failures: Int, _ seconds: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let waits = try (0..<2000).map { _ in
            try #require(WebhookSchedule.delay(after: failures, using: &generator)).seconds
        }
        let wait = Double(seconds)
        #expect(waits.allSatisfy { (wait * 0.8...wait * 1.2).contains($0) })
        // Uniform: of 2000, none in the lowest or the highest tenth has the chance 0.9^2000.
        #expect(waits.contains { $0 <= wait * 0.84 })
        #expect(waits.contains { $0 >= wait * 1.16 })
    }

    @Test(arguments: [10, 11, Int.max, -1]) func `ends after ten tries`(_ failures: Int) {
        var generator = SystemRandomNumberGenerator()
        #expect(WebhookSchedule.delay(after: failures, retryAfter: .seconds(1), using: &generator) == nil)
    }

    @Test func `waits as long as the receiver asks for, and no shorter than it would have`() throws {
        var generator = SystemRandomNumberGenerator()
        #expect(WebhookSchedule.delay(after: 1, retryAfter: .seconds(600), using: &generator) == .seconds(600))
        let wait = try #require(WebhookSchedule.delay(after: 2, retryAfter: .seconds(1), using: &generator))
        #expect(wait >= .seconds(240))
    }
}

@Suite struct `An answer to a webhook` {
    /// Sun, 06 Nov 1994 08:49:37 GMT
    private let now = Timestamp(milliseconds: 784_111_777_000)

    @Test(arguments: [200, 201, 202, 204, 299]) func `is a delivery where it is a success`(_ status: Int) {
        #expect(WebhookOutcome(status: status, fields: ["retry-after": "5"], now: now) == .delivered)
    }

    @Test func `ends the tries where the receiver is gone`() {
        #expect(
            WebhookOutcome(status: 410, fields: ["retry-after": "5"], now: now)
                == .refused(reason: "the receiver answered 410: it wants no more webhooks"))
    }

    @Test(arguments: [0, 100, 304, 400, 401, 404, 422, 500, 502, 504]) func `is a failure otherwise`(_ status: Int) {
        guard case .failed(let reason, nil) = WebhookOutcome(status: status, fields: [:], now: now) else {
            return #expect(Bool(false), "no failure")
        }
        #expect(reason.contains("\(status)"))
    }

    @Test(arguments: [301, 302, 303, 307, 308]) func `that leads elsewhere is a failure that says so`(_ status: Int) {
        #expect(
            WebhookOutcome(status: status, fields: ["location": "https://b.example/"], now: now)
                == .failed(
                    reason: "the receiver answered \(status): redirects are not followed", retryAfter: nil))
    }

    @Test(arguments: [429, 503])
    func `may ask for time, in seconds or by a date, up to a day`(_ status: Int) {
        for (text, expected) in [
            ("120", Duration.seconds(120)), ("Sun, 06 Nov 1994 09:49:37 GMT", .seconds(3600)),
            ("1000000", .seconds(86_400)),
        ] {
            #expect(
                WebhookOutcome(status: status, fields: ["retry-after": text], now: now)
                    == .failed(reason: "the receiver answered \(status)", retryAfter: expected))
        }
    }
}
