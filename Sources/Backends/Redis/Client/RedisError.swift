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

    init(line: String) {
        let parts = line.split(separator: " ", maxSplits: 1)
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

    /// Where a cluster says that the key is.
    var redirection: RedisRedirection? { RedisRedirection(self) }
}
