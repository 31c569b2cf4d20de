import Jobs
import NIOCore
import NIOPosix
import NIOSSL

/// Opens connections: socket, TLS, login, database.
struct RedisConnector: Sendable {
    private let endpoint: RedisEndpoint
    private let timeout: Duration
    private let tls: Result<NIOSSLContext, any Error>?

    /// - Parameter rootCertificates: a PEM file of the authorities that may have signed the server's certificate; the
    ///   system's where it is `nil`.
    init(_ endpoint: RedisEndpoint, timeout: Duration, rootCertificates: String?) {
        self.endpoint = endpoint
        self.timeout = timeout
        tls = endpoint.isEncrypted ? Result { try Self.tlsContext(trusting: rootCertificates) } : nil
    }

    private static func tlsContext(trusting rootCertificates: String?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let rootCertificates { configuration.trustRoots = .file(rootCertificates) }
        // A connection is mostly closed because the server is silent, which will not say goodbye either.
        configuration.shutdownTimeout = .milliseconds(100)
        return try NIOSSLContext(configuration: configuration)
    }

    /// Connects and logs in.
    /// - Parameters:
    ///   - deadline: where there is none, the time-out begins now.
    ///   - hear: where the connection is to subscribe, hears the messages, on its event loop.
    func connect(
        to address: RedisAddress, on eventLoop: any EventLoop, by deadline: NIODeadline? = nil,
        hear: (@Sendable ([UInt8]) -> Void)? = nil
    ) -> EventLoopFuture<RedisConnection> {
        logIn(to: address, on: eventLoop, by: deadline ?? NIODeadline.now() + TimeAmount(timeout), hear: hear)
            .flatMapErrorThrowing { error in throw unavailability(of: address, error) }
    }

    private func unavailability(of address: RedisAddress, _ error: any Error) -> any Error {
        error is JobStoreError ? error : JobStoreError.unavailable(reason: "\(address): \(error)")
    }

    /// Connects and logs in; a refusal can be told from an absence, by ``RedisLoginRefused``.
    func logIn(
        to address: RedisAddress, on eventLoop: any EventLoop, by deadline: NIODeadline,
        hear: (@Sendable ([UInt8]) -> Void)? = nil
    ) -> EventLoopFuture<RedisConnection> {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(max(TimeAmount.zero, deadline - NIODeadline.now()))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    if let tls { try handlers.addHandler(tlsHandler(try tls.get(), for: address.host)) }
                    try handlers.addHandler(RedisCommandHandler(address: address, patience: timeout, hear: hear))
                }
            }
            .connect(host: address.host, port: address.port)
            .flatMap { channel in greet(channel, address, by: deadline) }
            .flatMapErrorThrowing { error in
                throw error is RedisLoginRefused ? error : unavailability(of: address, error)
            }
    }

    /// Verifies the host's name; where it is an address, the certificate must bear that address.
    private func tlsHandler(_ context: NIOSSLContext, for host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }

    private func greet(
        _ channel: any Channel, _ address: RedisAddress, by deadline: NIODeadline
    ) -> EventLoopFuture<RedisConnection> {
        channel.eventLoop.makeCompletedFuture {
            let handler = try channel.pipeline.syncOperations.handler(type: RedisCommandHandler.self)
            return NIOLoopBound(handler, eventLoop: channel.eventLoop)
        }
        .flatMap { handler in
            let promise = channel.eventLoop.makePromise(of: [RedisValue].self)
            do {
                let request = try RedisRequest(greeting, by: deadline) { promise.completeWith($0) }
                handler.value.send([request])
            } catch {
                promise.fail(error)
            }
            return promise.futureResult.flatMapThrowing { answers in
                let peers = try peers(from: answers, of: address)
                return RedisConnection(to: address, peers: peers, channel: channel, handler: handler)
            }
            .flatMapErrorThrowing { error in
                handler.value.end(because: "the login failed")
                throw error
            }
        }
    }

    /// What is said first. The first answers must be good; the last two may be refused.
    private var greeting: [RedisCommand] {
        var commands: [[RedisArgument]] = []
        if let password = endpoint.password {
            // A password alone is that of the user "default", and older than users.
            commands.append(["AUTH"] + (endpoint.user.map { [.text($0)] } ?? []) + [.text(password)])
        }
        if endpoint.database != 0 { commands.append(["SELECT", .integer(endpoint.database)]) }
        commands.append(["CLIENT", "SETNAME", "tintype"])
        commands.append(["CLUSTER", "SLOTS"])
        return commands.map(RedisCommand.init)
    }

    private func peers(from answers: [RedisValue], of address: RedisAddress) throws -> [RedisAddress] {
        // Without its password it refuses everything.
        for case .failure(let error) in answers where ["NOAUTH", "WRONGPASS"].contains(error.code) {
            throw RedisLoginRefused(reason: "\(error)")
        }
        for case .failure(let error) in answers.dropLast(2) {
            throw JobStoreError.unavailable(reason: "\(address) refuses the login: \(error)")
        }
        switch answers.last {
        case .array(let ranges)?: return Self.nodes(in: ranges, toldBy: address)
        case .failure(let error)? where endpoint.mustBeCluster:
            throw JobStoreError.unavailable(reason: "\(address) is no cluster: \(error)")
        default: return []
        }
    }

    /// Reads `CLUSTER SLOTS`: ranges of `[first, last, [host, port, id, …], …]`, a range's primary before its replicas.
    static func nodes(in ranges: [RedisValue], toldBy address: RedisAddress) -> [RedisAddress] {
        var found: [RedisAddress] = []
        for node in ranges.flatMap({ ($0.array ?? []).dropFirst(2) }) {
            guard let parts = node.array, parts.count >= 2, let port = parts[1].int else { continue }
            let known = RedisAddress(host: parts[0].string ?? "", port: port, toldBy: address)
            if !found.contains(known) { found.append(known) }
        }
        return found
    }
}

/// The server does not let us in with what the URL says.
package struct RedisLoginRefused: Error, Hashable, CustomStringConvertible {
    let reason: String
    package var description: String { "the server refuses the login: \(reason)" }
}
