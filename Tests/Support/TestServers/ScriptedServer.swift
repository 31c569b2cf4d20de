import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a ``withScriptedServer(_:_:)`` heard.
package struct HeardRequest: Sendable {
    package let method: String
    /// Path and query, as sent.
    package let target: String
    /// Names in lower case.
    package let fields: [String: String]
    package var body: [UInt8] = []
    /// Counts the connections, from 1.
    package let connection: Int
}

package enum ScriptedAnswer: Sendable {
    case answer(Int, fields: [String: String] = [:], body: [UInt8] = [])
    /// Announces more bytes than come, and closes.
    case cutShort(body: [UInt8], announced: Int)
    /// A body with no end: a piece of so many bytes, a pause, the next piece.
    case endless(Int, fields: [String: String] = [:], piece: Int, every: Duration)
    /// Takes the request and says nothing.
    case silence
    case hangUp
    /// Bytes as they are, and closes.
    case plain(String)

    package static func text(_ status: Int, _ text: String, fields: [String: String] = [:]) -> ScriptedAnswer {
        .answer(status, fields: fields, body: Array(text.utf8))
    }
}

/// An HTTP server on a free port of this host that answers as the test says.
package final class ScriptedServer: Sendable {
    private let state = Mutex((connections: 0, requests: [HeardRequest]()))
    private let script: @Sendable (HeardRequest) -> ScriptedAnswer

    fileprivate init(_ script: @escaping @Sendable (HeardRequest) -> ScriptedAnswer) { self.script = script }

    /// All requests so far.
    package var requests: [HeardRequest] { state.withLock { $0.requests } }
    package var connections: Int { state.withLock { $0.connections } }

    fileprivate func connected() -> Int {
        state.withLock { state in
            state.connections += 1
            return state.connections
        }
    }

    fileprivate func answer(_ request: HeardRequest) -> ScriptedAnswer {
        state.withLock { $0.requests.append(request) }
        return script(request)
    }
}

/// Lends a server and its URL for as long as `body` runs.
///
/// - Parameters:
///   - host: the address of this machine at which it listens.
///   - port: any that is free, at 0.
@discardableResult
package func withScriptedServer<R>(
    at host: String = "127.0.0.1", port: Int = 0,
    _ script: @escaping @Sendable (HeardRequest) -> ScriptedAnswer,
    _ body: (ScriptedServer, _ url: String) async throws -> R
) async throws -> R {
    let server = ScriptedServer(script)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                try channel.pipeline.syncOperations.addHandler(ScriptedConnection(server))
            }
        }
        .bind(host: host, port: port).get()
    let port = channel.localAddress?.port ?? port
    do {
        let result = try await body(server, "http://\(host.contains(":") ? "[\(host)]" : host):\(port)")
        try await channel.close()
        return result
    } catch {
        try await channel.close()
        throw error
    }
}

private final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: ScriptedServer
    private let number: Int
    private var request: HeardRequest?

    init(_ server: ScriptedServer) {
        self.server = server
        number = server.connected()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let fields = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" }
            request = HeardRequest(method: head.method.rawValue, target: head.uri, fields: fields, connection: number)
            guard fields["expect"] == "100-continue" else { return }
            context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
        case .body(let bytes): request?.body += bytes.readableBytesView
        case .end:
            if let request { send(server.answer(request), to: request, context) }
        }
    }

    private func send(_ answer: ScriptedAnswer, to request: HeardRequest, _ context: ChannelHandlerContext) {
        switch answer {
        case .answer(let status, let fields, let body):
            write(status, fields, body, announced: body.count, isHead: request.method == "HEAD", context)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .cutShort(let body, let announced):
            write(200, [:], body, announced: announced, isHead: false, context)
            context.flush()
            context.close(promise: nil)
        case .endless(let status, let fields, let piece, let pause):
            write(status, fields, [], announced: nil, isHead: false, context)
            context.flush()
            Self.send(ByteBuffer(repeating: 1, count: piece), every: TimeAmount(pause), to: context.channel)
        case .silence: break
        case .hangUp: context.close(promise: nil)
        case .plain(let text):
            let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            encoder?.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
            context.close(promise: nil)
        }
    }

    private func write(
        _ status: Int, _ fields: [String: String], _ body: [UInt8], announced: Int?, isHead: Bool,
        _ context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders(fields.map { ($0.key, $0.value) })
        if let announced, status != 204, !fields.keys.contains("content-length") {
            headers.add(name: "content-length", value: String(announced))
        }
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !body.isEmpty, !isHead {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
    }

    /// Until the client has gone.
    private static func send(_ piece: ByteBuffer, every pause: TimeAmount, to channel: any Channel) {
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece))).whenSuccess {
            channel.eventLoop.scheduleTask(in: pause) { send(piece, every: pause, to: channel) }
        }
    }
}
