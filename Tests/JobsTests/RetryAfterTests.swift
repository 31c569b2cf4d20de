import Jobs
import Testing

@Suite struct `What a server says about trying again` {
    /// Sun, 06 Nov 1994 08:49:37 GMT
    private let now = Timestamp(milliseconds: 784_111_777_000)

    @Test(arguments: [
        ("0", 0), ("120", 120_000), ("1.5", 1500), ("Sun, 06 Nov 1994 08:50:07 GMT", 30_000),
        ("Sunday, 06-Nov-94 08:50:07 GMT", 30_000),
        // A date that has passed, and what lies beyond the limit of an hour.
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("3601", 3_600_000), ("1e300", 3_600_000),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3_600_000),
    ])
    func `is seconds or a date, and bounded`(_ text: String, _ milliseconds: Int) {
        #expect(delay(["retry-after": text]) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "soon", "-1", "inf", "nan", "5, 5"])
    func `counts for nothing where it cannot be understood`(_ text: String) {
        #expect(delay(["retry-after": text]) == nil)
    }

    @Test func `may be finer than seconds`() {
        #expect(delay(["retry-after-ms": "250", "retry-after": "1"]) == .milliseconds(250))
        #expect(delay(["retry-after-ms": "?", "retry-after": "1"]) == .seconds(1))
        #expect(delay([:]) == nil)
    }

    private func delay(_ fields: [String: String]) -> Duration? {
        RetryAfter.delay(in: fields, now: now, atMost: .seconds(3600))
    }
}
