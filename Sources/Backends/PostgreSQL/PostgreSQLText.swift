/// Texts as PostgreSQL keeps them: all of Unicode but U+0000, which users' names may hold.
///
/// It is written as U+FFFF (no character, by the Unicode Standard, section 23.7) and `0`; U+FFFF itself as U+FFFF and `1`.
enum PostgreSQLText {
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(0) || text.contains(mark) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\0": escaped += "\(mark)0"
            case mark: escaped += "\(mark)1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    static func unescaped(_ text: String) -> String {
        guard text.contains(mark) else { return text }
        var unescaped = String.UnicodeScalarView()
        var isMarked = false
        for scalar in text.unicodeScalars {
            if isMarked {
                unescaped.append(scalar == "0" ? "\0" : mark)
                isMarked = false
            } else if scalar == mark {
                isMarked = true
            } else {
                unescaped.append(scalar)
            }
        }
        return String(unescaped)
    }

    private static let mark: Unicode.Scalar = "\u{FFFF}"
}

extension String {
    /// Looks through the bytes: a scalar may hide in a character.
    fileprivate func contains(_ mark: Unicode.Scalar) -> Bool {
        // U+FFFF is EF BF BF; a text with no such first byte, as nearly all are, has none.
        utf8.contains(0xEF) && unicodeScalars.contains(mark)
    }
}
