import Testing

/// A text that may be of a million characters, or lines: a test prints the beginning of its argument alone.
struct LongText: ExpressibleByStringInterpolation, CustomTestStringConvertible {
    let text: String

    init(stringLiteral text: String) { self.text = text }

    var testDescription: String { text.prefix(60).debugDescription }
}
