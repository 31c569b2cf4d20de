import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and a server, and can fall silent: what either says is then lost, and no connection breaks.
final class Relay: Sendable {
    private let listener: any Channel
    private let silence: Silence
    let port: Int

    private init(_ listener: any Channel, port: Int, _ silence: Silence) {
        self.listener = listener
        self.port = port
        self.silence = silence
    }

    var isSilent: Bool {
        get { silence.isOn.withLock { $0 } }
        set { silence.isOn.withLock { $0 = newValue } }
    }

    static func start(to target: Int) async throws -> Relay {
        let silence = Silence()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in
                silence.add(client)
                return ClientBootstrap(group: client.eventLoop).channelInitializer { server in
                    server.eventLoop.makeCompletedFuture {
                        try server.pipeline.syncOperations.addHandler(Forwarder(to: client, silence))
                    }
                }.connect(host: "127.0.0.1", port: target).flatMapThrowing { server in
                    try client.pipeline.syncOperations.addHandler(Forwarder(to: server, silence))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        return Relay(listener, port: listener.localAddress?.port ?? 0, silence)
    }

    func stop() async throws { try await listener.close() }

    /// Breaks the connections that there are; new ones come about.
    func cut() { silence.takeClients().forEach { $0.close(promise: nil) } }
}

private final class Silence: Sendable {
    let isOn = Mutex(false)
    private let clients = Mutex<[any Channel]>([])

    func add(_ client: any Channel) { clients.withLock { $0.append(client) } }

    func takeClients() -> [any Channel] {
        clients.withLock { clients in
            defer { clients = [] }
            return clients
        }
    }
}

private final class Forwarder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let peer: any Channel
    private let silence: Silence

    init(to peer: any Channel, _ silence: Silence) {
        self.peer = peer
        self.silence = silence
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if silence.isOn.withLock({ $0 }) { return }
        peer.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { peer.close(promise: nil) }
}
