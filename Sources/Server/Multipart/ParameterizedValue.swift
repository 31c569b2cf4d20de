/// A field value with parameters, such as `form-data; name="file"; filename="a.jpg"` (RFC 9110, section 5.6.6).
struct ParameterizedValue: Sendable, Equatable {
    /// What stands before the parameters, lower case.
    let value: String
    /// By name in lower case; where a name stands twice, the first holds.
    let parameters: [String: String]

    /// Reads leniently: a parameter that is none is left out.
    init(_ text: some StringProtocol) {
        var rest = text.utf8[...]
        value = String(decoding: Self.trimmed(Self.take(&rest, until: UInt8(ascii: ";"))), as: UTF8.self).lowercased()
        var parameters: [String: String] = [:]
        while rest.popFirst() != nil {
            var pair = rest
            let name = Self.take(&pair, until: UInt8(ascii: "="))
            guard !name.contains(UInt8(ascii: ";")), pair.popFirst() != nil else {
                _ = Self.take(&rest, until: UInt8(ascii: ";"))
                continue
            }
            rest = pair
            let value = Self.takeValue(&rest)
            let key = String(decoding: Self.trimmed(name), as: UTF8.self).lowercased()
            if parameters[key] == nil { parameters[key] = String(decoding: value, as: UTF8.self) }
            _ = Self.take(&rest, until: UInt8(ascii: ";"))
        }
        self.parameters = parameters
    }

    /// Takes what stands before a byte, and leaves the byte.
    private static func take<B: Collection>(
        _ bytes: inout B, until stop: UInt8
    ) -> B where B.Element == UInt8, B.SubSequence == B {
        let end = bytes.firstIndex(of: stop) ?? bytes.endIndex
        defer { bytes = bytes[end...] }
        return bytes[..<end]
    }

    private static func takeValue<B: Collection>(
        _ bytes: inout B
    ) -> [UInt8] where B.Element == UInt8, B.SubSequence == B {
        bytes = bytes.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard bytes.first == UInt8(ascii: "\"") else { return trimmed(take(&bytes, until: UInt8(ascii: ";"))) }
        bytes = bytes.dropFirst()
        var value: [UInt8] = []
        while let byte = bytes.popFirst(), byte != UInt8(ascii: "\"") {
            // Only these two are escaped by those who escape; a lone backslash is that of a path from Windows.
            if byte == UInt8(ascii: "\\"), let next = bytes.first,
                next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\")
            {
                value.append(next)
                bytes = bytes.dropFirst()
            } else {
                value.append(byte)
            }
        }
        return value
    }

    private static func trimmed(_ bytes: some Collection<UInt8>) -> [UInt8] {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var trimmed = Array(bytes.drop(while: isBlank))
        while trimmed.last.map(isBlank) ?? false { trimmed.removeLast() }
        return trimmed
    }
}

/// A media type with its parameters.
struct MediaType: Sendable {
    /// Type and subtype, lower case.
    var essence: String { value.value }
    private let value: ParameterizedValue

    init(_ text: String) { value = ParameterizedValue(text) }

    subscript(parameter: String) -> String? { value.parameters[parameter] }
}
