import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and a server of this machine, and fails as networks do.
package final class Relay: Sendable {
    private struct State {
        var listener: (any Channel)?
        /// 0 before it listens: then any that is free will do.
        var port = 0
        var connections: [any Channel] = []
        var isSilent = false
        var delay = TimeAmount.zero
        var roundTrips = 0
        var isServerHeard = true
    }

    private let host: String
    private let target: Int
    private let state = Mutex(State())

    private init(to target: Int, at host: String) {
        self.target = target
        self.host = host
    }

    package var port: Int { state.withLock(\.port) }

    /// Lends a relay to a port of this machine, which lets everything through at first.
    ///
    /// - Parameter host: the address of this machine at which it listens.
    package static func with<R>(
        to target: Int, at host: String = "127.0.0.1", _ body: (Relay) async throws -> R
    ) async throws -> R {
        let relay = Relay(to: target, at: host)
        try await relay.open()
        do {
            let result = try await body(relay)
            try await relay.close()
            return result
        } catch {
            try? await relay.close()
            throw error
        }
    }

    /// Breaks all connections; new ones are let through.
    package func cut() {
        let connections = state.withLock { state in
            defer { state.connections = [] }
            return state.connections
        }
        for connection in connections { connection.close(promise: nil) }
    }

    /// Breaks all connections and refuses new ones, as a server does that is away.
    package func close() async throws {
        let listener = state.withLock { state in
            defer { state.listener = nil }
            return state.listener
        }
        try await listener?.close()
        cut()
    }

    /// Lets connections through again, at the same port.
    package func open() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { [self] near in connect(near) }
            .bind(host: host, port: port).get()
        guard let port = listener.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        state.withLock { ($0.listener, $0.port) = (listener, port) }
    }

    /// While it is silent it takes connections and bytes, lets nothing through in either direction, and closes nothing.
    package var isSilent: Bool {
        get { state.withLock(\.isSilent) }
        set { state.withLock { $0.isSilent = newValue } }
    }

    /// How long everything is on its way, in each direction.
    package var delay: Duration {
        get { state.withLock { .nanoseconds($0.delay.nanoseconds) } }
        set { state.withLock { $0.delay = TimeAmount(newValue) } }
    }

    /// How often the client has asked something: with one connection, what it said until it was answered is one question.
    package var roundTrips: Int { state.withLock(\.roundTrips) }

    fileprivate func note(isFromClient: Bool) {
        state.withLock { state in
            if isFromClient, state.isServerHeard { state.roundTrips += 1 }
            state.isServerHeard = !isFromClient
        }
    }

    /// Nothing is read before both ends can pass it on.
    private func connect(_ near: any Channel) -> EventLoopFuture<Void> {
        state.withLock { $0.connections.append(near) }
        return ClientBootstrap(group: near.eventLoop).channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: target).flatMapThrowing { [self] far in
                state.withLock { $0.connections.append(far) }
                try near.pipeline.syncOperations.addHandler(PassingOn(to: far, isFromClient: true, self))
                try far.pipeline.syncOperations.addHandler(PassingOn(to: near, isFromClient: false, self))
                return far
            }
            .flatMap { far in far.setOption(.autoRead, value: true) }
            .flatMap { near.setOption(.autoRead, value: true) }
    }
}

private final class PassingOn: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let isFromClient: Bool
    private let relay: Relay

    init(to other: any Channel, isFromClient: Bool, _ relay: Relay) {
        self.other = other
        self.isFromClient = isFromClient
        self.relay = relay
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if relay.isSilent { return }
        relay.note(isFromClient: isFromClient)
        let (other, bytes) = (other, unwrapInboundIn(data))
        // In its order, since all take equally long.
        context.eventLoop.scheduleTask(in: TimeAmount(relay.delay)) { other.writeAndFlush(bytes, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
