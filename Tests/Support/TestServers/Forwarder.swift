import NIOCore
import NIOPosix
import Synchronization

/// A wire between a client and a real server that can be cut, stuck and mended.
package final class Forwarder: Sendable {
    private struct State {
        var listener: (any Channel)?
        var connections: [any Channel] = []
        var isStuck = false
    }

    private let target: Int
    private let state = Mutex(State())

    /// Forwards from a free port of this host to another one.
    package init(to target: Int) { self.target = target }

    /// Listens, on any free port or on that of before.
    /// - Returns: the port.
    package func mend(port: Int = 0) async throws -> Int {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] near in connect(near) }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { $0.listener = listener }
        return listener.localAddress?.port ?? 0
    }

    /// Ends all connections and refuses new ones.
    package func cut() async throws {
        let (listener, connections) = state.withLock { state in
            defer { (state.listener, state.connections) = (nil, []) }
            return (state.listener, state.connections)
        }
        try await listener?.close()
        for connection in connections { try? await connection.close() }
    }

    /// While it is stuck it takes connections and bytes, and lets nothing through.
    package func stick(_ isStuck: Bool) { state.withLock { $0.isStuck = isStuck } }

    fileprivate var isStuck: Bool { state.withLock { $0.isStuck } }

    private func connect(_ near: any Channel) -> EventLoopFuture<Void> {
        ClientBootstrap(group: near.eventLoop).connect(host: "127.0.0.1", port: target).flatMapThrowing { [self] far in
            state.withLock { $0.connections += [near, far] }
            try near.pipeline.syncOperations.addHandler(ForwarderEnd(far, self))
            try far.pipeline.syncOperations.addHandler(ForwarderEnd(near, self))
        }
    }
}

private final class ForwarderEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let forwarder: Forwarder

    init(_ other: any Channel, _ forwarder: Forwarder) {
        self.other = other
        self.forwarder = forwarder
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !forwarder.isStuck else { return }
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
