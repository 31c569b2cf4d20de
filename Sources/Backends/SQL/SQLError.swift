/// A statement that the database would not run: a mistake of ours, or rows that break a rule of the schema.
package struct SQLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The database's own.
    package let code: String
    /// The database's own.
    package let message: String
    package let statement: String

    package init(code: some CustomStringConvertible, message: String, statement: String) {
        self.code = code.description
        self.message = message
        self.statement = statement
    }

    package var description: String { "\(message) (\(code)) in: \(statement)" }
}
