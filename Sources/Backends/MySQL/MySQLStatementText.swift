import Jobs
import SQLBackend

/// A statement whose parameters are written `?`, and which of them are added to the server's clock.
struct MySQLStatementText: Hashable {
    private let text: String
    private let clocks: [Int]

    /// - Parameter clocks: positions among the parameters, rising.
    init(_ text: String, clocks: [Int]) {
        self.text = text
        self.clocks = clocks
    }

    /// The statement as the server is given it.
    func withClock(_ expression: String) -> String {
        if clocks.isEmpty { return text }
        var position = 0
        return text.reduce(into: "") { result, character in
            guard character == "?" else { return result.append(character) }
            result += clocks.contains(position) ? "(\(expression) + ?)" : "?"
            position += 1
        }
    }
}

extension SQLValue {
    var isClock: Bool {
        switch self {
        case .now: true
        case .null, .integer, .real, .text: false
        }
    }

    /// The value, a clock's being a number: what it is ahead of `time`, or where that is not known, of the server's.
    func adding(_ time: Timestamp?) -> SQLValue {
        switch self {
        case .now(let offset): .integer((time?.milliseconds ?? 0) + offset)
        case .null, .integer, .real, .text: self
        }
    }
}
