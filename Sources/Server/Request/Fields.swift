/// Names and values of a query or a form, in order (the `application/x-www-form-urlencoded` format of the URL standard).
struct Fields: Sendable {
    var items: [(name: String, value: String)] = []

    /// More than any route knows, by far.
    static let maximumCount = 100

    init(_ items: [(name: String, value: String)] = []) { self.items = items }

    /// - Throws: a ``Problem`` where an escape is broken or there are too many.
    init(urlEncoded text: some StringProtocol) throws(Problem) {
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            guard items.count < Self.maximumCount else {
                throw Problem(.malformedRequest, "there may be \(Self.maximumCount) fields at most")
            }
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.decode(pair[..<equals]), let value = Self.decode(pair[equals...].dropFirst()) else {
                throw Problem(.malformedRequest, "a field holds a broken % escape, or bytes that are no UTF-8")
            }
            items.append((name, value))
        }
    }

    var isEmpty: Bool { items.isEmpty }

    subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// - Throws: a ``Problem`` where one stands twice: no route takes lists, and which one was meant is anybody's guess.
    func unique() throws(Problem) -> [String: String] {
        var unique: [String: String] = [:]
        for (name, value) in items where unique.updateValue(value, forKey: name) != nil {
            throw Problem(.invalidParameter, "\(brief(name)) is given twice", parameter: name)
        }
        return unique
    }

    private static func decode(_ bytes: some Sequence<UInt8>) -> String? {
        var decoded: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next()?.hexDigit, let low = iterator.next()?.hexDigit else { return nil }
                decoded.append(high << 4 | low)
            default:
                decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit.
    var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// A client's words as an error quotes them: short, on one line.
func brief(_ text: some StringProtocol) -> String {
    let visible = text.unicodeScalars.prefix(60).map { $0.properties.generalCategory == .control ? "?" : String($0) }
    return visible.joined() + (text.unicodeScalars.count > 60 ? "…" : "")
}
