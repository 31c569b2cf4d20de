import Jobs

/// An error that the server answered: `-WRONGTYPE Operation against a key holding the wrong kind of value`.
package struct RedisError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first word: `ERR`, `NOSCRIPT`, `MOVED`.
    package let code: String
    /// The rest.
    package let message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// Redis 6.2 wraps what stopped a script:
    /// `ERR Error running script (call to f_…): @user_script:4: @user_script: 4: -OOM command not allowed …`
    init(line: String) {
        let isWrapped = line.hasPrefix("ERR Error running script")
        let cause = isWrapped ? line.firstRange(of: ": -").map { line[$0.upperBound...] } : nil
        let parts = (cause ?? line[...]).split(separator: " ", maxSplits: 1)
        self.init(code: String(parts.first ?? "ERR"), message: String(parts.count > 1 ? parts[1] : ""))
    }

    package var description: String { "\(code) \(message)" }

    /// Itself, or what it means to the callers of a store where the server cannot serve now and may be able to soon.
    package var meaning: any Error {
        switch code {
        case "OOM": JobStoreError.full
        case "BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "READONLY", "TRYAGAIN":
            JobStoreError.unavailable(reason: description)
        // The connection was not let in, or is not any more.
        case "NOAUTH", "WRONGPASS": JobStoreError.unavailable(reason: description)
        default: self
        }
    }
}
