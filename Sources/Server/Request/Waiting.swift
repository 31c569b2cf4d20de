import HTTPTypes

/// How long a client is ready to wait for a change.
enum Waiting {
    /// What may be asked for, in seconds.
    static let allowed = 0...60

    /// A load balancer gives up at 60 s or a little later; whoever waits must have an answer before.
    private static let longest = 55

    /// `?wait=N`
    static func inQuery(_ query: Fields) throws(Problem) -> Duration? {
        try query.integer("wait", in: allowed).map { .seconds(min($0, longest)) }
    }

    /// `Prefer: wait=N` (RFC 7240, section 4.3). A preference that does not fit is no error: it is not applied.
    static func preferred(_ fields: HTTPFields) -> (seconds: Int, limit: Duration)? {
        for field in fields[values: .prefer] {
            for preference in field.split(separator: ",") {
                let words = preference.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\"" } }
                if words.count == 2, words[0].lowercased() == "wait", let seconds = Int(words[1]),
                    allowed.contains(seconds)
                {
                    return (seconds, .seconds(min(seconds, longest)))
                }
            }
        }
        return nil
    }
}
