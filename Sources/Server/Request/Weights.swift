/// How much a client wants each of the things that an Accept field, or one of its kind, lists.
struct Weights: Sendable {
    private var weights: [String: Double] = [:]

    init(_ field: String?) {
        for item in (field ?? "").split(separator: ",") {
            let item = ParameterizedValue(item)
            weights[item.value] = max(weights[item.value] ?? 0, Self.weight(item.parameters["q"]))
        }
    }

    /// That of the first of these names, in lower case, that is listed, so that the most specific comes first; 0 where none
    /// is.
    func weight(of names: String...) -> Double { names.lazy.compactMap { weights[$0] }.first ?? 0 }

    /// 0 to 1 as RFC 9110, section 12.4.2, has it: 1 where there is none. What cannot be read asks for nothing.
    private static func weight(_ text: String?) -> Double {
        guard let text else { return 1 }
        guard text.utf8.allSatisfy(isDecimal), let weight = Double(text), weight <= 1 else { return 0 }
        return weight
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
    }
}
