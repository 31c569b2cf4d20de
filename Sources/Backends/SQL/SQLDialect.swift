/// How databases differ where the statements must say so.
package struct SQLDialect: Sendable {
    /// Ends a `SELECT` whose rows the same step goes on to change, or whose absence or state it relies on.
    package var locking = ""
    /// Ends a `SELECT` that takes rows nobody else has taken; others are left out.
    package var lockingFree = ""
    /// Whether a query may hold an `UPDATE … RETURNING`: rows are then found, locked, changed and answered in one statement.
    package var canUpdateInQueries = false

    /// Whether an index may hold part of the rows only.
    package var hasPartialIndexes = false
    /// Ends the type of a column whose text is compared byte by byte.
    package var bytewise = ""
    /// The type of a text of up to a megabyte.
    package var longText = "TEXT"
    /// Ends a `CREATE TABLE`.
    package var tableOptions = ""

    package init() {}
}
