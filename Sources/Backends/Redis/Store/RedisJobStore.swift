package import Jobs

/// The truth about files and jobs in Redis: each step is one script, which the server runs whole and alone.
///
/// What it answered survives a crash of the server as far as the server was told to see to that (`appendonly yes`,
/// `appendfsync always`), and needs a server that evicts nothing.
package struct RedisJobStore: JobStore {
    let client: RedisClient
    /// All keys begin with it. The braces make it a cluster's hash tag, so that all are in one slot.
    let prefix: String
    private let now: (@Sendable () -> Timestamp)?

    /// The version of what the scripts write; a store of a later one is refused.
    private static let version = 1

    /// - Parameters:
    ///   - name: tells stores on one Redis apart.
    ///   - now: takes the place of the server's clock.
    /// - Throws: ``StoreTooNew``, or what the client throws.
    package init(
        _ client: RedisClient, name: String = "tintype", now: (@Sendable () -> Timestamp)? = nil
    ) async throws {
        self.client = client
        self.prefix = "{\(name)}"
        self.now = now
        let found = try await open()
        guard found <= Self.version else { throw StoreTooNew(found: found, known: Self.version) }
    }

    /// Many processes may begin at once with the server, which has its own data to load first.
    private func open() async throws -> Int {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                var reply = try await run(.open, .integer(Self.version))
                return try reply.next().asInt()
            } catch JobStoreError.unavailable where ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    package var kind: String { "redis" }

    package func ping() async throws {
        // The key says which node of a cluster is asked.
        _ = try await client.send("EXISTS", "\(prefix):schema")
    }
}

extension RedisJobStore {
    /// Takes a step.
    /// - Returns: what its script answered.
    /// - Throws: ``JobStoreError``: why it was not taken.
    func run(_ step: StoreScript, _ arguments: RedisArgument...) async throws -> Reply {
        try await run(step, arguments)
    }

    func run(_ step: StoreScript, _ arguments: [RedisArgument]) async throws -> Reply {
        let time = now.map { RedisArgument($0()) } ?? ""
        // Of the two keys the first is never there: a cluster that moves their slot then refuses every step until all of it
        // has moved (TRYAGAIN), where it would otherwise run some on the half of the store that is at the new node.
        var reply = Reply(
            try await client.run(step.script, keys: [prefix, "\(prefix):schema"], arguments: [time] + arguments))
        switch try reply.next().asText() {
        case "ok": return reply
        case "unknown": throw JobStoreError.unknown
        case "expired": throw JobStoreError.expired
        case "claimLost": throw JobStoreError.claimLost(try reply.next().asID())
        case "isFinal": throw JobStoreError.isFinal(try reply.next().asState())
        case "notFailed": throw JobStoreError.notFailed(try reply.next().asState())
        case "sourceGone": throw JobStoreError.sourceGone
        case "webhookOwed": throw JobStoreError.webhookOwed
        case "reused": throw JobStoreError.idempotencyKeyReused
        case let word: throw UnreadableReply(found: word)
        }
    }
}

/// The store was written by a later version of this program, which an older one could only harm.
package struct StoreTooNew: Error, Hashable, CustomStringConvertible {
    package let found: Int
    package let known: Int

    package init(found: Int, known: Int) {
        self.found = found
        self.known = known
    }

    package var description: String {
        "the store in Redis has version \(found); this program knows versions up to \(known)"
    }
}
