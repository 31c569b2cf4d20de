/// A strong entity tag (RFC 9110, section 8.8.3).
struct EntityTag: Equatable, Sendable, CustomStringConvertible {
    /// With its quotes.
    let description: String

    /// - Parameter opaque: visible ASCII without quotes.
    init(_ opaque: some StringProtocol) { description = "\"\(opaque)\"" }

    /// Whether an If-None-Match field lists it. The comparison is weak: `W/` makes no difference.
    func isListed(in field: String?) -> Bool {
        guard let field else { return false }
        // Tags of ours hold no comma, so one that is torn apart by it is not ours either.
        return field.split(separator: ",").contains { item in
            let item = item.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
            return item == "*" || item == description || item.hasPrefix("W/") && item.dropFirst(2) == description
        }
    }
}
