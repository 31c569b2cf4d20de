/// When a server that could not do something wants to be asked again (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// - Parameters:
    ///   - fields: the answer's, names in lower case: `retry-after` in seconds or as a date, and before it
    ///     `retry-after-ms`, which OpenAI and Azure send as well.
    ///   - limit: a server that asks for more is taken to have asked for this.
    /// - Returns: 0…`limit`; `nil` where nothing was asked for that can be understood.
    package static func delay(in fields: [String: String], now: Timestamp, atMost limit: Duration) -> Duration? {
        func bounded(_ seconds: Double) -> Duration { .seconds(max(0, min(seconds, limit.seconds))) }

        if let milliseconds = fields["retry-after-ms"].flatMap(number) { return bounded(milliseconds / 1000) }
        guard let text = fields["retry-after"] else { return nil }
        if let seconds = number(text) { return bounded(seconds) }
        guard let date = HTTPDate.seconds(of: text) else { return nil }
        return bounded((Timestamp(milliseconds: Int64(date) * 1000) - now).seconds)
    }

    private static func number(_ text: String) -> Double? {
        guard let number = Double(text), number.isFinite, number >= 0 else { return nil }
        return number
    }
}
