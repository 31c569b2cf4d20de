/// How a server is set up to keep what it is given, as far as its `INFO` says; managed servers do not let their
/// configuration be read.
package struct RedisPolicy: Sendable, Hashable {
    /// `7.0.15`
    package let version: String
    /// In bytes; 0 is without a limit.
    package let maxMemory: Int
    /// What happens at the limit: `noeviction`, `allkeys-lru`.
    package let evictionPolicy: String
    /// Whether each write is appended to a file.
    package let isAppendOnly: Bool

    /// XAUTOCLAIM came with it.
    static let oldestVersion = (major: 6, minor: 2)

    /// Asks the server, in a cluster the node that has the key.
    /// - Throws: ``RedisLoginRefused``, or what the client throws.
    package static func read(from client: RedisClient, for key: String = "{tintype}") async throws -> RedisPolicy {
        try await client.checkLogin()
        let connection = try await client.connection(for: key)
        defer { connection.close() }
        let info = try await connection.send(["INFO"], within: RedisClient.patience)
        return RedisPolicy(info: info.string ?? "")
    }

    /// - Parameter info: lines of `name:value`; what is missing counts as the server's own default.
    init(info: String) {
        var facts: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { facts[parts[0]] = parts[1] }
        }
        version = facts["redis_version"].map { String($0) } ?? "unknown"
        maxMemory = facts["maxmemory"].flatMap { Int($0) } ?? 0
        evictionPolicy = facts["maxmemory_policy"].map { String($0) } ?? "noeviction"
        isAppendOnly = facts["aof_enabled"] == "1"
    }

    /// Refuses a server to which jobs or rings cannot be trusted.
    package func check() throws(RedisUnfit) {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 } + [0, 0]
        guard (numbers[0], numbers[1]) >= Self.oldestVersion else { throw .tooOld(version: version) }
        guard maxMemory == 0 || evictionPolicy == "noeviction" else {
            throw .evicts(policy: evictionPolicy, maxMemory: maxMemory)
        }
    }

    /// What an operator should know of a store though it is allowed.
    package var warning: String? {
        if isAppendOnly { return nil }
        return """
            Redis keeps no append-only file: what was written since its last snapshot is lost when it stops, jobs that \
            were accepted included. Set 'appendonly yes', or DATABASE_URL for the jobs.
            """
    }
}

/// Why a Redis cannot be the job store or the job queue.
package enum RedisUnfit: Error, Hashable, CustomStringConvertible {
    case tooOld(version: String)
    /// It drops keys of its own choice when its memory is full.
    case evicts(policy: String, maxMemory: Int)

    package var description: String {
        switch self {
        case .tooOld(let version):
            let (major, minor) = RedisPolicy.oldestVersion
            return "Redis is version \(version); \(major).\(minor) or later is needed"
        case .evicts(let policy, let maxMemory):
            return """
                Redis drops keys when its memory of \(maxMemory) bytes is full (maxmemory-policy is '\(policy)'), and \
                with them jobs that were accepted. Set 'maxmemory-policy noeviction', in ElastiCache by a parameter group.
                """
        }
    }
}
