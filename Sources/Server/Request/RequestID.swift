import HTTPTypes
import Synchronization

/// What tells one request from all others, in answers and in the log: the client's own, or one of ours.
enum RequestID {
    /// Takes over the client's where it is fit to be logged: 1 to 128 characters of printable ASCII.
    static func of(_ fields: HTTPFields) -> String {
        guard let given = fields[.requestID], (1...128).contains(given.utf8.count),
            given.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return make() }
        return given
    }

    /// A random start of the process and a count: unique without asking for randomness at each request.
    static func make() -> String {
        "\(prefix)-\(String(count.add(1, ordering: .relaxed).newValue, radix: 36))"
    }

    private static let prefix = String(UInt64.random(in: .min ... .max), radix: 36)
    private static let count = Atomic(0)
}
