import Imaging
import Jobs

/// A value that has a form in a column.
protocol SQLStorable {
    var sqlValue: SQLValue { get }
    init?(sqlValue: SQLValue)
}

/// Reads a row's columns one after another, in the order of its statement.
struct Columns {
    private let row: SQLRow
    private var position = 0

    init(_ row: SQLRow) { self.row = row }

    /// - Throws: ``UnreadableColumn`` where the column holds NULL or something else.
    mutating func next<V: SQLStorable>(_: V.Type = V.self) throws -> V {
        guard let value = try next(optional: V.self) else { throw UnreadableColumn(position: position, found: .null) }
        return value
    }

    mutating func next<V: SQLStorable>(optional _: V.Type = V.self) throws -> V? {
        defer { position += 1 }
        guard row.values.indices.contains(position) else { throw UnreadableColumn(position: position, found: .null) }
        let found = row.values[position]
        if found == .null { return nil }
        guard let value = V(sqlValue: found) else { throw UnreadableColumn(position: position, found: found) }
        return value
    }

    mutating func skip(_ count: Int) { position += count }
}

extension SQLRow {
    /// The one column.
    func only<V: SQLStorable>() throws -> V {
        var columns = Columns(self)
        return try columns.next()
    }
}

extension [SQLRow] {
    /// By their first column; what comes after it is still to be read.
    func keyed<Key: SQLStorable & Hashable>(by _: Key.Type) throws -> [Key: Columns] {
        var rows: [Key: Columns] = [:]
        for row in self {
            var columns = Columns(row)
            rows[try columns.next()] = columns
        }
        return rows
    }
}

/// A column that does not hold what its table promises.
struct UnreadableColumn: Error, Hashable {
    let position: Int
    let found: SQLValue
}

extension String: SQLStorable {
    var sqlValue: SQLValue { .text(self) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self = text
    }
}

extension Int: SQLStorable {
    var sqlValue: SQLValue { .integer(Int64(self)) }

    init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self.init(exactly: number)
    }
}

extension Double: SQLStorable {
    var sqlValue: SQLValue { .real(self) }

    init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .real(let number): self = number
        case .integer(let number): self = Double(number)
        case .null, .text, .now: return nil
        }
    }
}

extension Bool: SQLStorable {
    var sqlValue: SQLValue { .integer(self ? 1 : 0) }

    init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self = number != 0
    }
}

extension Timestamp: SQLStorable {
    var sqlValue: SQLValue { .integer(milliseconds) }

    init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self.init(milliseconds: number)
    }
}

extension SQLStorable where Self: Identifier {
    var sqlValue: SQLValue { .text(description) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(text)
    }
}

extension SQLStorable where Self: RawRepresentable<String> {
    var sqlValue: SQLValue { .text(rawValue) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(rawValue: text)
    }
}

extension FileID: SQLStorable {}
extension JobID: SQLStorable {}
extension BatchID: SQLStorable {}
extension WorkerID: SQLStorable {}
extension Job.State: SQLStorable {}

extension JobKind: SQLStorable {}

/// Its place in the order of lines, so that an index sorts by it.
extension Line: SQLStorable {
    var sqlValue: SQLValue { .integer(Int64(number)) }

    init?(sqlValue: SQLValue) {
        guard let number = Int(sqlValue: sqlValue) else { return nil }
        self.init(number: number)
    }
}

extension ImageFormat: SQLStorable {}

extension Tries: SQLStorable {
    var sqlValue: SQLValue { .text(text) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(text: text)
    }
}

extension BlobKey: SQLStorable {
    var sqlValue: SQLValue { .text(rawValue) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(rawValue: text)
    }
}

extension CacheKey: SQLStorable {
    var sqlValue: SQLValue { .text(description) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(stored: text)
    }
}

extension ContentDigest: SQLStorable {
    var sqlValue: SQLValue { .text(description) }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(hexadecimal: text)
    }
}
