#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The `Retry-After` field (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// Later than this nobody waits, whatever a server says.
    private static let limit = 86_400

    /// Reads a number of seconds, or a time in the form that servers must send; `nil` for anything else.
    ///
    /// - Parameter now: in seconds since 1970-01-01 UTC.
    package static func duration(_ text: String, now: Int) -> Duration? {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Int(text) ?? limit, limit))
        }
        return seconds(httpDate: text).map { .seconds(min(max(0, $0 - now), limit)) }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func seconds(httpDate text: String) -> Int? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let iso = "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z"
        return (try? Date(iso, strategy: .iso8601)).map { Int($0.timeIntervalSince1970) }
    }
}
