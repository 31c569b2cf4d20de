import NIOCore

/// Tells the guard when bytes arrive: the codec between them is silent until a header is whole.
final class HeaderWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: ConnectionGuard

    init(telling connection: ConnectionGuard) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.bytesArrived(at: context.eventLoop.now)
        context.fireChannelRead(data)
    }
}
