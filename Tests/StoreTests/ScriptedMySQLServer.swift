import Crypto
import FoundationEssentials
import NIOCore
import NIOPosix

/// Lets clients log in as MySQL 8 does by default (`caching_sha2_password`, the password being cached), and answers all
/// they ask with OK, each statement. It offers no TLS.
///
/// As in https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
struct ScriptedMySQLServer {
    let port: Int
    private let listener: any Channel

    static func start(version: String, password: String) async throws -> ScriptedMySQLServer {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(Packets()), Login(version: version, password: password))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        return ScriptedMySQLServer(port: listener.localAddress?.port ?? 0, listener: listener)
    }

    func stop() async throws { try await listener.close() }
}

/// Each begins with its length, in three bytes, and its number in the conversation.
private struct Packets: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) -> DecodingState {
        guard let header = buffer.getInteger(at: buffer.readerIndex, endianness: .little, as: UInt32.self) else {
            return .needMoreData
        }
        let count = Int(header & 0xFF_FFFF)
        guard buffer.readableBytes >= 4 + count, var packet = buffer.readSlice(length: 4 + count) else {
            return .needMoreData
        }
        packet.moveReaderIndex(forwardBy: 4)
        context.fireChannelRead(wrapInboundOut(packet))
        return .continue
    }
}

private final class Login: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let version: String
    private let password: String
    private let nonce = (0..<20).map { _ in UInt8.random(in: 1...127) }
    private var isIn = false

    init(version: String, password: String) {
        self.version = version
        self.password = password
    }

    func channelActive(context: ChannelHandlerContext) {
        // Without CLIENT_SSL; what else the client needs: 4.1's protocol, many statements at once, methods by name.
        let capabilities: UInt32 = 0x000F_A20B
        var greeting = ByteBuffer(bytes: [10])
        greeting.writeNullTerminatedString(version)
        greeting.writeInteger(1, endianness: .little, as: UInt32.self)
        greeting.writeBytes(nonce[..<8] + [0])
        greeting.writeInteger(UInt16(truncatingIfNeeded: capabilities), endianness: .little)
        greeting.writeBytes([45, 2, 0])
        greeting.writeInteger(UInt16(capabilities >> 16), endianness: .little)
        greeting.writeBytes([21] + Array(repeating: 0, count: 10) + nonce[8...] + [0])
        greeting.writeNullTerminatedString("caching_sha2_password")
        send(greeting, number: 0, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var packet = unwrapInboundIn(data)
        let okay = ByteBuffer(bytes: [0, 0, 0, 2, 0, 0, 0])
        if isIn {
            let count = packet.readableBytesView.count { $0 == UInt8(ascii: ";") } + 1
            for number in 1...count {
                // More results follow: SERVER_MORE_RESULTS_EXISTS.
                let status: UInt8 = number < count ? 2 | 8 : 2
                send(ByteBuffer(bytes: [0, 0, 0, status, 0, 0, 0]), number: UInt8(number), context)
            }
            return
        }
        isIn =
            packet.readSlice(length: 32) != nil && packet.readNullTerminatedString() != nil
            && packet.readLengthPrefixedSlice(as: UInt8.self).map { Array($0.readableBytesView) } == proof
        guard isIn else {
            return send(ByteBuffer(bytes: [0xFF, 0x15, 0x04] + Array("#28000Access denied".utf8)), number: 2, context)
        }
        // The password is in the server's memory: there is no need to have it whole.
        send(ByteBuffer(bytes: [1, 3]), number: 2, context)
        send(okay, number: 3, context)
    }

    /// XOR(SHA256(password), SHA256(SHA256(SHA256(password)), nonce))
    private var proof: [UInt8] {
        let once = SHA256.hash(data: Data(password.utf8))
        let twice = SHA256.hash(data: Data(once))
        return zip(once, SHA256.hash(data: Data(Array(twice) + nonce))).map { $0 ^ $1 }
    }

    private func send(_ payload: ByteBuffer, number: UInt8, _ context: ChannelHandlerContext) {
        var packet = ByteBuffer()
        packet.writeInteger(UInt32(payload.readableBytes) | UInt32(number) << 24, endianness: .little)
        packet.writeImmutableBuffer(payload)
        context.writeAndFlush(wrapOutboundOut(packet), promise: nil)
    }
}
