import Jobs
import NIOCore
import NIOPosix
import Synchronization

/// Speaks with one Redis, or with the nodes of one cluster.
///
/// All tasks share one connection to each node: commands are sent as they come, and answered in the same order. Where the
/// server does not answer within the time-out, or cannot be reached, a command fails with
/// ``JobStoreError/unavailable(reason:)``, never later; whether it was carried out is then unknown. The connection comes
/// back by itself. Close the client when it has served.
package final class RedisClient: Sendable {
    package let endpoint: RedisEndpoint
    private let connector: RedisConnector
    private let timeout: Duration
    private let routes: Mutex<RedisRoutes>
    private let pending = Atomic(0)

    /// More commands than that do not wait: they would not be answered in time either.
    static let mostPending = 10_000
    /// A slot that moves while it is asked for is found in two steps; more than that is a cluster at odds with itself.
    private static let mostRedirections = 5
    private static let eventLoops = MultiThreadedEventLoopGroup.singleton

    /// How long a server has for an answer that it need not wait for.
    package static let patience = Duration.milliseconds(1500)

    /// - Parameters:
    ///   - timeout: for a command, connecting included.
    ///   - rootCertificates: a PEM file of the authorities that `rediss://` trusts; the system's where it is `nil`.
    package init(
        _ endpoint: RedisEndpoint, timeout: Duration = RedisClient.patience, rootCertificates: String? = nil
    ) {
        self.endpoint = endpoint
        self.timeout = timeout
        connector = RedisConnector(endpoint, timeout: timeout, rootCertificates: rootCertificates)
        routes = Mutex(RedisRoutes(entry: endpoint.address))
    }

    /// Sends one command.
    /// - Throws: ``RedisError`` for what the server refuses; ``JobStoreError/unavailable(reason:)`` where it is away or not
    ///   able to serve; ``JobStoreError/full`` where its memory is used up.
    package func send(_ command: String, _ arguments: RedisArgument...) async throws -> RedisValue {
        try await send([.text(command)] + arguments)
    }

    /// Sends one command, its name first.
    package func send(_ words: [RedisArgument]) async throws -> RedisValue {
        try await whileCounted(1) { try await answer(to: RedisCommand(words), by: .now() + TimeAmount(timeout)) }
    }

    /// Sends commands in one go, all for keys of one hash tag.
    /// - Returns: an answer to each; errors are among them. What failed did not keep the others from being done.
    package func send(all commands: [[RedisArgument]]) async throws -> [RedisValue] {
        guard !commands.isEmpty else { return [] }
        return try await whileCounted(commands.count) {
            try await replies(to: commands.map(RedisCommand.init), by: .now() + TimeAmount(timeout))
        }
    }

    /// Runs a script; the server is sent its text only where it does not know it.
    package func run(
        _ script: RedisScript, keys: [String], arguments: [RedisArgument] = []
    ) async throws -> RedisValue {
        let words = [.integer(keys.count)] + keys.map(RedisArgument.text) + arguments
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        return try await whileCounted(1) {
            do {
                return try await answer(to: RedisCommand(["EVALSHA", .text(script.sha1)] + words), by: deadline)
            } catch let error as RedisError where error.code == "NOSCRIPT" {
                return try await answer(to: RedisCommand(["EVAL", .text(script.text)] + words), by: deadline)
            }
        }
    }

    /// Opens a connection of one's own, for commands that block, to the node that serves `key`, or to any.
    /// - Parameter hear: hears the messages that a subscription brings, on the connection's event loop.
    func connection(
        for key: String?, hear: (@Sendable ([UInt8]) -> Void)? = nil
    ) async throws -> RedisConnection {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        // Whom a cluster has given the key to is learnt by asking for it.
        if let key { _ = try await answer(to: RedisCommand(["EXISTS", .text(key)]), by: deadline) }
        let node = try node(for: key)
        do {
            return try await connector.connect(to: node.address, on: Self.eventLoops.next(), by: deadline, hear: hear)
                .get()
        } catch {
            routes.withLock { $0.distrust(node.address) }
            throw error
        }
    }

    /// Logs in once, at the node of the URL. Whoever sends is told only that a server which refuses the login is away,
    /// since it may be on its way to another password.
    /// - Throws: ``RedisLoginRefused``; ``JobStoreError/unavailable(reason:)``.
    package func checkLogin() async throws {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        try await connector.logIn(to: endpoint.address, on: Self.eventLoops.next(), by: deadline).get().close()
    }

    /// Closes its connections; what is sent after that fails.
    package func close() async {
        for node in routes.withLock({ $0.close() }) { await node.close() }
    }

    private func whileCounted<R>(_ count: Int, _ body: () async throws -> R) async throws -> R {
        defer { pending.subtract(count, ordering: .relaxed) }
        guard pending.add(count, ordering: .relaxed).newValue <= Self.mostPending else {
            throw JobStoreError.unavailable(reason: "\(Self.mostPending) commands wait for \(endpoint.address) already")
        }
        return try await body()
    }

    private func answer(to command: RedisCommand, by deadline: NIODeadline) async throws -> RedisValue {
        let reply = try await replies(to: [command], by: deadline)[0]
        if case .failure(let error) = reply { throw error.meaning }
        return reply
    }

    /// Sends commands for keys of one slot to the node that serves it, wherever that has gone.
    /// - Returns: what that node answers to each, which may be an error.
    private func replies(to commands: [RedisCommand], by deadline: NIODeadline) async throws -> [RedisValue] {
        let key = commands.first?.key
        var node = try node(for: key)
        var isAsking = false
        var answers = [RedisValue](repeating: .null, count: commands.count)
        var pending = Array(commands.indices)
        for _ in 0...Self.mostRedirections {
            var words = pending.map { commands[$0] }
            if isAsking { words = words.flatMap { [RedisCommand(["ASKING"]), $0] } }
            let found = try await ask(node, words, by: deadline)
            for (place, index) in pending.enumerated() { answers[index] = found[isAsking ? 2 * place + 1 : place] }
            pending = pending.filter { answers[$0].redirection != nil }
            // A slot has one place to go to; if it arrived there in between, the last that was refused says so.
            switch pending.last.flatMap({ answers[$0].redirection }) {
            case .moved(let host, let port)?:
                node = try self.node(at: RedisAddress(host: host, port: port, toldBy: node.address))
                if let key { routes.withLock { $0.learn(node.address, of: key) } }
                isAsking = false
            case .ask(let host, let port)?:
                node = try self.node(at: RedisAddress(host: host, port: port, toldBy: node.address))
                isAsking = true
            case nil:
                // It was made a replica; behind its name there may be another by now.
                if answers.contains(where: { $0.error?.code == "READONLY" }) {
                    routes.withLock { $0.distrust(node.address) }
                    node.renew()
                }
                return answers
            }
        }
        throw JobStoreError.unavailable(
            reason: "the cluster at \(endpoint.address) does not say where '\(key ?? "")' is")
    }

    private func ask(
        _ node: RedisNode, _ commands: [RedisCommand], by deadline: NIODeadline
    ) async throws -> [RedisValue] {
        do {
            return try await node.send(commands, by: deadline)
        } catch {
            routes.withLock { $0.distrust(node.address) }
            throw error
        }
    }

    private func node(for key: String?) throws -> RedisNode {
        try routes.withLock { try $0.node(at: $0.address(for: key), make: makeNode) }
    }

    private func node(at address: RedisAddress) throws -> RedisNode {
        try routes.withLock { try $0.node(at: address, make: makeNode) }
    }

    private func makeNode(_ address: RedisAddress) -> RedisNode {
        RedisNode(address, connector: connector, on: Self.eventLoops.next())
    }
}
