import NIOCore
import NIOPosix
import RedisBackend
import Synchronization

/// Stands between a client and a server of the tests: its connections can be broken without harm to other tests.
final class Relay: Sendable {
    /// The server's URL, by way of this relay.
    let url: String
    private let listener: any Channel
    private let links: Links

    private final class Links: Sendable {
        private let channels = Mutex<[any Channel]>([])

        func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }

        var all: [any Channel] { channels.withLock { $0 } }
    }

    private init(url: String, listener: any Channel, links: Links) {
        self.url = url
        self.listener = listener
        self.links = links
    }

    /// - Parameter host: the address of this machine at which the relay is reached.
    static func with(
        _ server: Server, at host: String = "127.0.0.1", _ body: (Relay) async throws -> Void
    ) async throws {
        let endpoint = try server.endpoint
        let links = Links()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let listener = try await ServerBootstrap(group: loop)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in
                links.add(near)
                return ClientBootstrap(group: loop).connect(host: endpoint.host, port: endpoint.port).flatMap { far in
                    links.add(far)
                    return loop.makeCompletedFuture {
                        try near.pipeline.syncOperations.addHandler(PassingOn(to: far))
                        try far.pipeline.syncOperations.addHandler(PassingOn(to: near))
                    }
                    .flatMap { near.setOption(.autoRead, value: true) }
                }
            }
            .bind(host: host, port: 0).get()
        let (scheme, login) = try server.schemeAndLogin
        let relay = Relay(
            url: "\(scheme)://\(login)\(host):\(listener.localAddress?.port ?? 0)", listener: listener, links: links)
        do {
            try await body(relay)
        } catch {
            try? await relay.close()
            throw error
        }
        try await relay.close()
    }

    /// Breaks all connections; new ones are let through.
    func cut() { for channel in links.all { channel.close(promise: nil) } }

    /// Breaks all connections, and lets none through any more.
    func close() async throws {
        if listener.isActive { try await listener.close() }
        cut()
    }
}

private final class PassingOn: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let other: any Channel

    init(to other: any Channel) { self.other = other }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
