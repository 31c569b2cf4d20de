import SQLBackend

/// Statements as PostgreSQL has them: parameters are `$1`, `$2`, …; where a value is the clock's, it is added to that.
///
/// The texts are the program's own, and few: each is made once.
struct StatementTexts {
    private let clock: String
    private var known: [Key: String] = [:]

    private struct Key: Hashable {
        let text: String
        /// Which values are the clock's.
        let clocks: [Int]
    }

    /// - Parameter clock: an expression that tells the time.
    init(clock: String) { self.clock = clock }

    mutating func text(of statement: SQLStatement) -> String {
        let key = Key(text: statement.text, clocks: statement.values.indices.filter { statement.values[$0].isClock })
        if let text = known[key] { return text }
        let text = translated(statement)
        known[key] = text
        return text
    }

    private func translated(_ statement: SQLStatement) -> String {
        var parts = statement.text.split(separator: "?", omittingEmptySubsequences: false)[...]
        var text = String(parts.removeFirst())
        for (index, part) in parts.enumerated() {
            let isClock = statement.values.indices.contains(index) && statement.values[index].isClock
            text += "\(isClock ? "(\(clock) + $\(index + 1))" : "$\(index + 1)")\(part)"
        }
        return text
    }
}

extension SQLValue {
    fileprivate var isClock: Bool {
        switch self {
        case .now: true
        case .null, .integer, .real, .text: false
        }
    }

    /// As the protocol's text form has it; `nil` is NULL.
    var parameter: String? {
        switch self {
        case .null: nil
        case .integer(let number), .now(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): PostgreSQLText.escaped(text)
        }
    }
}
