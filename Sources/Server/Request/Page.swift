/// How much of a list to show, and from where.
struct Page: Sendable {
    let limit: Int
    let cursor: String?

    static let limits = 1...1000
    static let usualLimit = 50

    init(_ query: Fields) throws(Problem) {
        limit = try query.integer("limit", in: Self.limits) ?? Self.usualLimit
        cursor = query["cursor"]
    }

    /// The id after which the page begins.
    ///
    /// - Throws: a ``Problem`` where the cursor is none that we gave.
    func start<ID>(_ read: (String) -> ID?) throws(Problem) -> ID? {
        guard let cursor else { return nil }
        guard let id = read(cursor) else {
            throw .invalid("cursor", given: cursor, allowed: "the next_cursor of the page before")
        }
        return id
    }
}

extension Fields {
    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = self[name] else { return nil }
        let isDecimal = text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
        guard isDecimal, let value = Int(text), range.contains(value) else {
            throw .invalid(
                name, given: text, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Value.Type = Value.self
    ) throws(Problem) -> Value? where Value.RawValue == String {
        guard let text = self[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(name, given: text, allowed: "one of \(words)")
        }
        return value
    }
}
