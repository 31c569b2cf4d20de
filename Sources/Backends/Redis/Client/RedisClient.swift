import Jobs
import NIOCore
package import NIOPosix
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
    private let eventLoopGroup: MultiThreadedEventLoopGroup
    private let timeout: Duration
    private let routes: Mutex<RedisRoutes>
    private let pending = Atomic(0)

    /// More commands than that do not wait: they would not be answered in time either.
    static let mostPending = 10_000
    /// A slot that moves while it is asked for is found in two steps; more than that is a cluster at odds with itself.
    private static let mostRedirections = 5

    /// - Parameters:
    ///   - timeout: for a command, connecting included.
    ///   - rootCertificates: a PEM file of the authorities that `rediss://` trusts; the system's where it is `nil`.
    package init(
        _ endpoint: RedisEndpoint, eventLoopGroup: MultiThreadedEventLoopGroup = .singleton,
        timeout: Duration = .milliseconds(1500), rootCertificates: String? = nil
    ) {
        self.endpoint = endpoint
        self.eventLoopGroup = eventLoopGroup
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
        let commands = commands.map(RedisCommand.init)
        guard let first = commands.first else { return [] }
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        return try await whileCounted(commands.count) {
            var answers = try await ask(node(for: first.key), commands, by: deadline)
            for (index, answer) in answers.enumerated() {
                guard case .failure(let error) = answer, error.redirection != nil || error.code == "READONLY"
                else { continue }
                answers[index] = try await reply(to: commands[index], by: deadline)
            }
            return answers
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
        // Whom a cluster has given the key to is learnt by asking for it.
        if let key { _ = try await send("EXISTS", .text(key)) }
        let node = node(for: key)
        do {
            return try await connector.connect(to: node.address, on: eventLoopGroup.next(), hear: hear).get()
        } catch {
            routes.withLock { $0.distrust(node.address) }
            throw error
        }
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
        let reply = try await reply(to: command, by: deadline)
        if case .failure(let error) = reply { throw error.meaning }
        return reply
    }

    /// Sends a command to the node that serves its key, wherever that has gone.
    /// - Returns: what that node answers, which may be an error.
    private func reply(to command: RedisCommand, by deadline: NIODeadline) async throws -> RedisValue {
        let key = command.key
        var node = node(for: key)
        var commands = [command]
        for _ in 0...Self.mostRedirections {
            let answer = try await ask(node, commands, by: deadline).last ?? .null
            guard case .failure(let error) = answer else { return answer }
            switch error.redirection {
            case .moved(let host, let port)?:
                let owner = RedisAddress(host: host.isEmpty ? node.address.host : host, port: port)
                if let key { routes.withLock { $0.learn(owner, of: key) } }
                node = self.node(at: owner)
                commands = [command]
            case .ask(let host, let port)?:
                node = self.node(at: RedisAddress(host: host.isEmpty ? node.address.host : host, port: port))
                commands = [RedisCommand(["ASKING"]), command]
            case nil:
                // It was made a replica; behind its name there may be another by now.
                if error.code == "READONLY" {
                    routes.withLock { $0.distrust(node.address) }
                    node.renew()
                }
                return answer
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

    private func node(for key: String?) -> RedisNode {
        routes.withLock { $0.node(at: $0.address(for: key), make: makeNode) }
    }

    private func node(at address: RedisAddress) -> RedisNode {
        routes.withLock { $0.node(at: address, make: makeNode) }
    }

    private func makeNode(_ address: RedisAddress) -> RedisNode {
        RedisNode(address, connector: connector, on: eventLoopGroup.next())
    }
}
