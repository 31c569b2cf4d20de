import Synchronization

/// The time as HTTP writes it (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    /// The current second's text, made once a second.
    ///
    /// - Parameter seconds: since 1970-01-01 UTC, not negative.
    package static func text(at seconds: Int) -> String {
        last.withLock { last in
            if last.seconds != seconds { last = (seconds, format(seconds)) }
            return last.text
        }
    }

    private static let last = Mutex<(seconds: Int, text: String)>((-1, ""))

    /// Reads the three forms that a recipient must know: today's, RFC 850's (`Sunday, 06-Nov-94 08:49:37 GMT`) and that
    /// of C's `asctime` (`Sun Nov  6 08:49:37 1994`). The name of the weekday is not looked at.
    ///
    /// - Returns: seconds since 1970-01-01 UTC; `nil` for another text, an earlier year, or a day that never is.
    package static func seconds(of text: String) -> Int? {
        var words = text.split { " ,-".contains($0) }
        // asctime has the month before the day and the time before the year, and names no zone.
        if words.count == 5 { words = [words[0], words[2], words[1], words[4], words[3], "GMT"] }
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(words[2])), let year = year(words[3]), let time = time(words[4])
        else { return nil }
        let days = days(year, month + 1, day)
        return civil(days) == (year, month + 1, day) ? days * 86400 + time : nil
    }

    /// Two digits are a year of 1970…2069.
    private static func year(_ text: Substring) -> Int? {
        guard let number = Int(text) else { return nil }
        let year = text.count == 2 ? number + (number < 70 ? 2000 : 1900) : number
        return (1970...9999).contains(year) ? year : nil
    }

    /// Seconds since midnight; a leap second counts as the next one.
    private static func time(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard parts.count == 3, (0..<24).contains(parts[0]), (0..<60).contains(parts[1]), (0...60).contains(parts[2])
        else { return nil }
        return (parts[0] * 60 + parts[1]) * 60 + parts[2]
    }

    private static func format(_ seconds: Int) -> String {
        let days = seconds / 86400
        let (year, month, day) = civil(days)
        let second = seconds % 86400
        // 1970-01-01 was a Thursday.
        return "\(weekdays[days % 7]), \(two(day)) \(months[month - 1]) \(year) "
            + "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) GMT"
    }

    /// Days since 1970-01-01 to a date of the Gregorian calendar, by counting years from March, so that the leap day is a
    /// year's last (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468  // 0000-03-01
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    /// The way back.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let yearFromMarch = month > 2 ? year : year - 1
        let yearOfEra = yearFromMarch % 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return yearFromMarch / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
