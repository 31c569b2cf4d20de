/// One parameter of an operation, as it is checked, documented and offered to a client.
package struct Parameter: Sendable, Hashable {
    /// What values fit.
    package enum Kind: Sendable, Hashable {
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// Any finite number.
        case finite
        /// One of a few whole numbers.
        case integers([Int])
        /// One of a few words.
        case choice([String])
        case boolean
        /// `#rrggbb`, or `white`, `black`.
        case color
        /// The same, or `transparent`, which is what a parameter of this kind means where it is left out.
        case colorOrTransparent
        /// What a file is called: in the service by its id. Whether there is such a file is not known here.
        case file
    }

    package let name: String
    package let kind: Kind
    /// What stands where the request is silent; `nil` leaves the parameter out.
    package let defaultValue: JSONValue?
    package let isRequired: Bool
    /// One sentence for the documents, with the unit.
    package let summary: String

    package init(
        _ name: String, _ kind: Kind, default defaultValue: JSONValue? = nil, isRequired: Bool = false,
        _ summary: String
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.summary = summary
    }
}

extension Parameter {
    /// What fits, in words, as an error tells it.
    package var allowed: String {
        switch kind {
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(brief(range.lowerBound)) to \(brief(range.upperBound))"
        case .finite: "any finite number"
        case .integers(let values): "one of " + values.map(String.init).joined(separator: ", ")
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .boolean: "true or false"
        case .color: "a colour such as #ffffff, white or black"
        case .colorOrTransparent: "transparent, or a colour such as #ffffff, white or black"
        case .file: "a file's id"
        }
    }

    /// Checks a value and brings it to the parameter's own type: query strings and step texts give `"800"` for 800. Null is
    /// what says no more than leaving the parameter out.
    package func checked(_ value: JSONValue) throws(PlanError) -> JSONValue {
        if let value = fitting(value) { return value }
        throw .invalidValue(parameter: name, given: value.brief, allowed: allowed)
    }

    private func fitting(_ value: JSONValue) -> JSONValue? {
        switch kind {
        case .integer(let range):
            guard let whole = value.asInteger, range.contains(whole) else { return nil }
            return .number(Double(whole))
        case .number(let range):
            guard let number = value.asNumber, range.contains(number) else { return nil }
            return .number(number)
        case .finite:
            guard let number = value.asNumber, number.isFinite else { return nil }
            return .number(number)
        case .integers(let values):
            guard let whole = value.asInteger, values.contains(whole) else { return nil }
            return .number(Double(whole))
        case .choice(let words):
            guard case .string(let word) = value, words.contains(word.lowercased()) else { return nil }
            return .string(word.lowercased())
        case .boolean:
            switch value {
            case .bool, .string("true"), .string("1"): return value == .bool(false) ? value : true
            case .string("false"), .string("0"): return false
            default: return nil
            }
        case .color:
            guard case .string(let text) = value, let color = Color(text) else { return nil }
            return .string(color.description)
        case .colorOrTransparent:
            if case .string(let word) = value, word.lowercased() == "transparent" { return .null }
            guard case .string(let text) = value, let color = Color(text) else { return nil }
            return .string(color.description)
        case .file:
            guard case .string(let name) = value, Self.isFileName(name) else { return nil }
            return value
        }
    }

    /// Whether a step text and a command line can hold it: letters, digits, `-`, `_` and `.`.
    private static func isFileName(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    private func brief(_ number: Double) -> String { JSONValue.number(number).brief }
}

extension JSONValue {
    /// The number in a number, or in a string that is one.
    var asNumber: Double? {
        switch self {
        case .number(let value): value
        // As JSON has them: other spellings, such as 0x10 and inf, are more likely a mistake than a wish.
        case .string(let text) where text.utf8.allSatisfy(Self.isNumeric): Double(text)
        default: nil
        }
    }

    /// Whether it may stand in a number with a sign, a point and an exponent.
    private static func isNumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
    }

    /// The whole number in a number, or in a string that is one, without a point.
    var asInteger: Int? {
        if case .string(let text) = self, text.utf8.contains(UInt8(ascii: ".")) { return nil }
        return asNumber.flatMap { Int(exactly: $0) }
    }

    /// The value as an error quotes it: short, on one line.
    package var brief: String {
        switch self {
        case .null: "null"
        case .bool(let value): String(value)
        case .number(let value): Int(exactly: value).map(String.init) ?? String(value)
        case .string(let text): text.count > 60 ? String(text.prefix(60)) + "…" : text
        case .array: "an array"
        case .object: "an object"
        }
    }
}
