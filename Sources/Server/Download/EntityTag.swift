/// A strong entity tag (RFC 9110, section 8.8.3).
struct EntityTag: Equatable, Sendable, CustomStringConvertible {
    /// With its quotes.
    let description: String

    /// - Parameter opaque: visible ASCII without quotes.
    init(_ opaque: some StringProtocol) { description = "\"\(opaque)\"" }

    /// Whether an If-None-Match field lists it. The comparison is weak: `W/` makes no difference.
    func isListed(in field: String?) -> Bool {
        Self.items(of: field ?? "").contains { item in
            item == "*" || item == description || item.hasPrefix("W/") && item.dropFirst(2) == description
        }
    }

    /// Whether an If-Match field lists it, or is not there. The comparison is strong: what begins with `W/` is not the same.
    func isAllowed(by field: String?) -> Bool {
        guard let field else { return true }
        return Self.items(of: field).contains { $0 == "*" || $0 == description }
    }

    /// Tags of ours hold no comma, so one that is torn apart by it is not ours either.
    private static func items(of field: String) -> [Substring] {
        field.split(separator: ",").map { item in
            item.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        }
    }
}
