/// Writes the rows of a CSV (RFC 4180, UTF-8) that a spreadsheet can open without harm.
///
/// Spreadsheets run a cell as a formula by how it begins, quoted or not. An apostrophe in front makes text of it (OWASP,
/// "CSV Injection"; ASVS 5.0, 1.2.10).
package enum CSVWriter {
    /// Appends one row with its line end.
    package static func write(_ cells: [String], to bytes: inout [UInt8]) {
        for (column, cell) in cells.enumerated() {
            if column > 0 { bytes.append(UInt8(ascii: ",")) }
            let safe = defused(cell)
            if safe.utf8.count == cell.utf8.count && !safe.utf8.contains(where: needsQuotes) {
                bytes += safe.utf8
            } else {
                bytes.append(UInt8(ascii: "\""))
                for byte in safe.utf8 {
                    if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                    bytes.append(byte)
                }
                bytes.append(UInt8(ascii: "\""))
            }
        }
        bytes += "\r\n".utf8
    }

    /// Semicolons, tabs and spaces as well, for readers with other settings.
    private static func needsQuotes(_ byte: UInt8) -> Bool { #"",; "#.utf8.contains(byte) || (9...13).contains(byte) }

    /// The text with an apostrophe before whatever a spreadsheet could take for the beginning of a formula.
    ///
    /// That is not at the beginning of a cell only: where a semicolon or tab separates cells, as in half of the world, our
    /// quotes are somewhere in a cell and mean nothing, and what follows such a character or a line end begins another.
    static func defused(_ cell: String) -> String {
        var result = String.UnicodeScalarView()
        var isAtStart = true
        for scalar in cell.unicodeScalars {
            switch scalar {
            // The last four are full-width forms, which count as the others do in East Asian settings.
            case "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}":
                if isAtStart { result.append("'") }
                isAtStart = false
            case "\t", "\r", "\n", "\0":
                if result.isEmpty { result.append("'") }
                isAtStart = true
            case ";": isAtStart = true
            case " ", "\"": break
            default: isAtStart = false
            }
            result.append(scalar)
        }
        return String(result)
    }
}
