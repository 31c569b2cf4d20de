import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and a server, and fails as networks do.
final class Relay: Sendable {
    private struct State {
        var channels: [any Channel] = []
        var isSilent = false
    }

    let port: Int
    private let listener: any Channel
    private let state: Shared

    /// What both directions of all its connections share.
    fileprivate final class Shared: Sendable {
        private let state = Mutex(State())

        var isSilent: Bool {
            get { state.withLock(\.isSilent) }
            set { state.withLock { $0.isSilent = newValue } }
        }

        func add(_ channel: any Channel) { state.withLock { $0.channels.append(channel) } }

        func takeChannels() -> [any Channel] {
            state.withLock { state in
                defer { state.channels = [] }
                return state.channels
            }
        }
    }

    private init(listener: any Channel, port: Int, state: Shared) {
        self.listener = listener
        self.port = port
        self.state = state
    }

    /// Lends a relay to a port of this machine.
    ///
    /// - Parameter host: the address of this machine at which it listens.
    static func with<R>(to target: Int, at host: String = "127.0.0.1", _ body: (Relay) async throws -> R) async throws
        -> R
    {
        let relay = try await listen(to: target, at: host)
        do {
            let result = try await body(relay)
            await relay.close()
            return result
        } catch {
            await relay.close()
            throw error
        }
    }

    /// Breaks all connections; new ones are let through.
    func cut() { for channel in state.takeChannels() { channel.close(promise: nil) } }

    /// Swallows everything from now on, in both directions, without closing anything; new connections too.
    func swallow() { state.isSilent = true }

    private func close() async {
        try? await listener.close()
        cut()
    }

    private static func listen(to target: Int, at host: String) async throws -> Relay {
        let group = MultiThreadedEventLoopGroup.singleton
        let state = Shared()
        let listener = try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in
                state.add(near)
                return ClientBootstrap(group: near.eventLoop).channelOption(.autoRead, value: false)
                    .connect(host: "127.0.0.1", port: target).flatMap { far in
                        state.add(far)
                        return near.pipeline.addHandler(Forwarding(to: far, state)).and(
                            far.pipeline.addHandler(Forwarding(to: near, state))
                        ).flatMap { _ in
                            far.setOption(.autoRead, value: true).and(near.setOption(.autoRead, value: true)).map { _ in
                            }
                        }
                    }
            }
            .bind(host: host, port: 0).get()
        guard let port = listener.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        return Relay(listener: listener, port: port, state: state)
    }
}

private final class Forwarding: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let other: any Channel
    private let state: Relay.Shared

    init(to other: any Channel, _ state: Relay.Shared) {
        self.other = other
        self.state = state
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !state.isSilent { other.writeAndFlush(unwrapInboundIn(data), promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
