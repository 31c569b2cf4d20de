/// Values as a statement names them: `… IN (?, ?)`.
///
/// Its length is a power of eight, the last value filling it up: each length is another text, and servers keep every text
/// that a connection has prepared, up to a number.
struct SQLList: Sendable {
    let values: [SQLValue]

    var text: String { "(\(Array(repeating: "?", count: values.count).joined(separator: ", ")))" }

    /// - Parameter values: one at least.
    init(_ values: some Collection<SQLValue>) {
        let length = values.count.roundedUp(toPowerOf: 8)
        let filling = values.suffix(1).flatMap { Array(repeating: $0, count: length - values.count) }
        self.values = values + filling
    }

    /// How many values a statement names at most: what it changes is then changed in moments.
    fileprivate static let maxLength = 512
}

extension Int {
    func roundedUp(toPowerOf base: Int) -> Int {
        var power = 1
        while power < self { power *= base }
        return power
    }
}

extension [SQLStatement] {
    /// One statement for many values, said as often as it takes to name them all: however many there are, they cost few
    /// round trips.
    ///
    /// - Parameters:
    ///   - text: ends in `IN`.
    ///   - values: of the parameters in `text`.
    ///   - ending: what follows the list.
    static func naming(
        _ list: some Collection<some SQLStorable>, in text: String, _ values: (any SQLStorable)?..., ending: String = ""
    ) -> [SQLStatement] {
        let named = list.map(\.sqlValue)
        let others = values.map { $0?.sqlValue ?? .null }
        return stride(from: 0, to: named.count, by: SQLList.maxLength).map { start in
            let part = SQLList(named[start..<Swift.min(start + SQLList.maxLength, named.count)])
            return SQLStatement(text: "\(text) \(part.text)\(ending)", values: others + part.values)
        }
    }

    /// Inserts rows, many with one statement; how many is a power of two, for the same reason.
    ///
    /// - Parameter target: the table and its columns.
    static func inserting(_ rows: [[SQLValue]], into target: String) -> [SQLStatement] {
        var statements: [SQLStatement] = []
        var left = rows[...]
        while let first = left.first {
            let count = Swift.min(1 << (Int.bitWidth - 1 - left.count.leadingZeroBitCount), maxInserted)
            let row = "(\([String](repeating: "?", count: first.count).joined(separator: ", ")))"
            let rows = [String](repeating: row, count: count).joined(separator: ", ")
            statements.append(
                SQLStatement(text: "INSERT INTO \(target) VALUES \(rows)", values: left.prefix(count).flatMap(\.self)))
            left = left.dropFirst(count)
        }
        return statements
    }

    private static var maxInserted: Int { 32 }
}
