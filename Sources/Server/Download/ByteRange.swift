/// What a Range field asks of a representation (RFC 9110, section 14).
enum ByteRange: Equatable, Sendable {
    /// No range that we serve: all of it is sent.
    case whole
    case part(Range<Int>)
    case unsatisfiable

    /// - Parameters:
    ///   - field: such as `bytes=0-499`, `bytes=500-` or `bytes=-500`. What is malformed, of another unit or of several ranges
    ///     is ignored, as section 14.2 allows.
    ///   - length: of the representation, in bytes.
    init(_ field: String?, length: Int) {
        guard let field, let equals = field.firstIndex(of: "="), field[..<equals].lowercased() == "bytes" else {
            self = .whole
            return
        }
        let bounds = field[field.index(after: equals)...].split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Self.number(bounds[0]), let last = Self.number(bounds[1]) else {
            self = .whole
            return
        }
        switch (first, last) {
        case (nil, nil): self = .whole
        case (nil, let suffix?):
            let count = min(suffix, length)
            self = count > 0 ? .part(length - count..<length) : .unsatisfiable
        case (let first?, let last):
            if let last, last < first {
                self = .whole
            } else if first >= length {
                self = .unsatisfiable
            } else {
                self = .part(first..<min(last ?? length - 1, length - 1) + 1)
            }
        }
    }

    /// Outer `nil` for what is no number, inner `nil` for nothing at all. Blanks around it count for nothing.
    private static func number(_ text: Substring) -> Int?? {
        let words = text.split { $0 == " " || $0 == "\t" }
        guard let word = words.first else { return .some(nil) }
        guard words.count == 1, word.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        // What overflows is beyond any end.
        return Int(word) ?? Int.max
    }
}
