/// What a column holds, or a parameter is given.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    /// For parameters only: the database's clock when the statement runs, plus so many milliseconds. Unlike
    /// ``SQLConnection/now`` it costs no round trip.
    case now(plus: Int64)
}

/// One row of an answer.
package struct SQLRow: Hashable, Sendable {
    package let values: [SQLValue]

    package init(_ values: [SQLValue]) { self.values = values }
}
