package import Jobs
package import SQLBackend

/// A statement as the server reads it: its values stand in the places of its parameters, which are written `?`.
///
/// Quotes are all that must be escaped in a text: the session has NO_BACKSLASH_ESCAPES, and in UTF-8 no other character
/// has their byte in it.
package struct MySQLStatementText {
    package private(set) var bytes: [UInt8] = []

    /// - Parameter now: the time, where it is not the server's own.
    /// - Returns: `nil` where the values are not as many as the parameters.
    package init?(_ statement: SQLStatement, now: Timestamp? = nil) {
        let parts = statement.text.utf8.split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false)
        guard parts.count == statement.values.count + 1 else { return nil }
        for (part, value) in zip(parts, statement.values) {
            bytes += part
            append(value, now: now)
        }
        bytes += parts[parts.count - 1]
    }

    private mutating func append(_ value: SQLValue, now: Timestamp?) {
        switch value {
        case .null: bytes += "NULL".utf8
        case .integer(let number): bytes += "\(number)".utf8
        case .real(let number):
            // Without an exponent it would be a decimal fraction to the server.
            let text = "\(number)"
            bytes += "\(text)\(text.utf8.contains(UInt8(ascii: "e")) ? "" : "e0")".utf8
        case .text(let text):
            let quote = UInt8(ascii: "'")
            bytes.append(quote)
            // By bytes: as a character, a quote may have an accent.
            for byte in text.utf8 {
                if byte == quote { bytes.append(quote) }
                bytes.append(byte)
            }
            bytes.append(quote)
        case .now(let offset):
            bytes += (now.map { "\($0.milliseconds + offset)" } ?? "(\(Self.clock) + \(offset))").utf8
        }
    }

    /// Milliseconds since 1970; it stands still within a statement, so that an index can be searched for it.
    private static let clock = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
}
