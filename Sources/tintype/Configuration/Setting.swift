/// One variable of the environment: its name, what it may hold, and what it means.
struct Setting<Value: Sendable>: Sendable {
    let name: String
    /// As it would be written; `nil` where the setting is off or worked out when it is not set.
    let defaultText: String?
    /// What fits, in words, as an error tells it.
    let allowed: String
    /// For the documents: one sentence.
    let summary: String
    let isSecret: Bool
    /// `nil` where the text does not fit.
    let parse: @Sendable (String) -> Value?

    init(
        _ name: String, default defaultText: String? = nil, allowed: String, isSecret: Bool = false, _ summary: String,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.name = name
        self.defaultText = defaultText
        self.allowed = allowed
        self.isSecret = isSecret
        self.summary = summary
        self.parse = parse
    }
}

/// A setting of any type, for the table.
protocol AnySetting: Sendable {
    var name: String { get }
    var defaultText: String? { get }
    var allowed: String { get }
    var summary: String { get }
    var isSecret: Bool { get }
    /// Whether this text may stand in the variable.
    func accepts(_ text: String) -> Bool
}

extension AnySetting {
    /// What may be printed of a text in the variable: nothing of a secret, and of an address neither a login, however it is
    /// spelled, nor a query.
    func shown(_ text: String) -> String {
        if isSecret { return "(hidden)" }
        var shown = text
        // A password may hold any mark that ends one in a valid address.
        if let colon = text.firstIndex(of: ":"), let at = text.lastIndex(of: "@"), colon < at {
            let mark = text[colon...].hasPrefix("://") ? "://" : ":"
            shown = "\(text[..<colon])\(mark)(hidden)\(text[at...])"
        }
        if shown.contains("://"), let query = shown.firstIndex(of: "?") { shown = "\(shown[...query])(hidden)" }
        return shown
    }
}

extension Setting: AnySetting {
    func accepts(_ text: String) -> Bool { parse(text) != nil }
}

// MARK: - The usual kinds

extension Setting where Value == Int {
    static func integer(_ name: String, default value: Int?, in range: ClosedRange<Int>, _ summary: String) -> Setting {
        Setting(
            name, default: value.map(String.init),
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)", summary
        ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }
}

extension Setting where Value == Double {
    /// A part of all, 0…1.
    static func rate(_ name: String, _ summary: String) -> Setting {
        Setting(name, default: "0", allowed: "a number from 0 to 1", summary) { text in
            Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
        }
    }
}

extension Setting where Value == String {
    static func text(
        _ name: String, default value: String? = nil, isSecret: Bool = false, allowed: String = "any text",
        _ summary: String
    ) -> Setting {
        Setting(name, default: value, allowed: allowed, isSecret: isSecret, summary) { $0.isEmpty ? nil : $0 }
    }
}

extension Setting where Value == Bool {
    static func flag(_ name: String, _ summary: String) -> Setting {
        Setting(name, default: "0", allowed: "0 or 1", summary) { ["0": false, "1": true][$0] }
    }
}

extension Setting where Value: CaseIterable & RawRepresentable<String> {
    static func choice(_ name: String, default value: Value, _ summary: String) -> Setting {
        Setting(
            name, default: value.rawValue,
            allowed: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "), summary
        ) { Value(rawValue: $0.lowercased()) }
    }
}
