/// A cluster's answer that another node serves the key (Redis cluster specification, "MOVED and ASK redirection").
enum RedisRedirection: Hashable {
    /// For good: ask that node from now on.
    case moved(host: String, port: Int)
    /// This once, after `ASKING`: the slot is on its way there.
    case ask(host: String, port: Int)

    /// Reads `MOVED 3999 127.0.0.1:6381`. The host may be empty, which stands for the one that answered.
    init?(_ error: RedisError) {
        guard error.code == "MOVED" || error.code == "ASK" else { return nil }
        let words = error.message.split(separator: " ")
        // From the last colon: an IPv6 host has colons of its own.
        guard words.count == 2, let colon = words[1].lastIndex(of: ":"),
            let port = Int(words[1][words[1].index(after: colon)...])
        else { return nil }
        let host = String(words[1][..<colon])
        self = error.code == "MOVED" ? .moved(host: host, port: port) : .ask(host: host, port: port)
    }
}
