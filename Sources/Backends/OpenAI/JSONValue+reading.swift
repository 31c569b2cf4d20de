import Imaging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Services differ in what they leave out or write as `null`, so each member is looked for by itself.
extension JSONValue {
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else { return nil }
        self = value
    }

    subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// A whole number from 0 to a million million.
    var count: Int? {
        if case .number(let number) = self, (0...1e12).contains(number) { Int(exactly: number) } else { nil }
    }
}

/// A message of a model.
extension JSONValue {
    var isRefusal: Bool { self["refusal"]?.text?.isEmpty == false || parts.contains { $0["type"]?.text == "refusal" } }

    /// The content, be it one text or parts, of which those with a text count.
    var written: String { self["content"]?.text ?? parts.compactMap { $0["text"]?.text }.joined() }

    private var parts: [JSONValue] { self["content"]?.elements ?? [] }
}

extension String {
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
    }
}
