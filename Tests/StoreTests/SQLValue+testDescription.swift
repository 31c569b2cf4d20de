import SQLBackend
import Testing

extension SQLValue: CustomTestStringConvertible {
    /// Short: some are of a million characters, and each test prints its arguments.
    package var testDescription: String { String("\(self)".prefix(60)) }
}
