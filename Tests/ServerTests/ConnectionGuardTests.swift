import InMemoryLogging
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Server

@Suite struct `A connection's guard` {
    @Test func `answers a header that does not end with 408, and closes`() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "GET / HT"))
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        let answer = try Self.sent(by: channel)
        #expect(answer.hasPrefix("HTTP/1.1 408 "))
        #expect(answer.contains("\"code\":\"request_timeout\""))
        #expect(answer.contains("Connection: close\r\n"))
        channel.embeddedEventLoop.advanceTime(by: .seconds(5))
        #expect(!channel.isActive)
    }

    @Test func `closes a silent connection without a word`() throws {
        let channel = try Self.channel()
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        #expect(!channel.isActive)
    }

    @Test func `tells the reader of a body that it is too slow`() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"))
        for _ in 0..<9 {
            // The server is ready for more all the time.
            channel.read()
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            try channel.writeInbound(ByteBuffer(string: "x"))
        }
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(throws: SlowBody.self) { try channel.throwIfErrorCaught() }
    }

    @Test func `answers what is no HTTP with 400`() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "SSH-2.0-OpenSSH_9.2\r\n\r\n"))
        #expect(try Self.sent(by: channel).hasPrefix("HTTP/1.1 400 "))
    }

    @Test func `answers a header that is too large with 431`() throws {
        let channel = try Self.channel()
        try channel.writeInbound(
            ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n"))
        #expect(try Self.sent(by: channel).hasPrefix("HTTP/1.1 431 "))
    }

    @Test func `says which request it refuses, by the client's own id where it could be read, and when`() throws {
        for (request, id) in [
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", nil), ("GET / HTTP/1.1\r\nX-Request-ID: a-1\r\n\r\n", "a-1"),
            ("GET / HTTP/1.1\r\nX-Request-ID: \(String(repeating: "x", count: 129))\r\n\r\n", nil),
        ] {
            let channel = try Self.channel()
            try channel.writeInbound(ByteBuffer(string: request))
            let answer = try Self.sent(by: channel)
            let given = answer.firstMatch(of: /X-Request-ID: (.+?)\r\n/)?.output.1
            #expect(given != nil && given?.count != 129 && (id == nil || given == id?[...]))
            #expect(answer.contains("\"request_id\":\"\(given ?? "")\""))
            #expect(answer.contains(/\r\nDate: [A-Z][a-z]{2}, .+ GMT\r\n/))
        }
    }

    @Test(arguments: [
        ("GET /status?a=1 HTTP/1.1\r\nX-Request-ID: a-1\r\n\r\n", "GET", "/status"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "", ""), ("GET http://u:secret@h/x HTTP/1.1\r\n\r\n", "GET", ""),
    ])
    func `counts and logs what it refuses, as routes do`(_ request: String, _ method: String, _ path: String) throws {
        let registry = PrometheusRegistry()
        let log = InMemoryLogHandler()
        let channel = try Self.channel(registry: registry, logger: Logger(label: "test") { _ in log })
        try channel.writeInbound(ByteBuffer(string: request))
        let answer = try Self.sent(by: channel)

        let counted = method.isEmpty ? "other" : method
        #expect(
            registry.text().contains(
                #"tintype_http_requests_total{route="unknown",method="\#(counted)",status="400"} 1"#))
        let line = try #require(log.entries.first)
        #expect(log.entries.count == 1 && line.message == "request")
        let metadata = line.metadata.mapValues { "\($0)" }
        #expect(metadata["status"] == "400" && metadata["route"] == "unknown")
        #expect(metadata["method"] == method && metadata["path"] == path)
        let id = try #require(metadata["request_id"])
        #expect(answer.contains("X-Request-ID: \(id)\r\n"))
    }

    @Test func `sends no body where it refuses a HEAD`() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "HEAD / HTTP/1.1\r\nHost: a b\r\n\r\n"))
        let answer = try Self.sent(by: channel)
        #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [
        "Host: a b/<>", "Host: evil.com/x?", "Host: x:99999", "Host: a\r\nTransfer-Encoding: gzip, chunked",
        "Host: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "Host: a\r\nTransfer-Encoding: chunked, chunked",
    ])
    func `refuses whom a request is for, and what its body is, where that would be a guess`(_ fields: String) throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "POST / HTTP/1.1\r\n\(fields)\r\n\r\n0\r\n\r\n"))
        let answer = try Self.sent(by: channel)
        #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("\"code\":\"malformed_request\""))
        #expect(answer.contains("Connection: close\r\n"))
    }

    @Test(arguments: [
        "Host: [::1]:8000\r\n\r\n", "Host:\r\n\r\n", "Host: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
    ])
    func `lets others through`(_ rest: String) throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "POST / HTTP/1.1\r\n\(rest)"))
        #expect(try Self.sent(by: channel).isEmpty)
        try Self.answer(channel)
        #expect(try Self.sent(by: channel).hasPrefix("HTTP/1.1 200 "))
    }

    @Test func `closes after the answer where the client wants it, or speaks HTTP/1.0`() throws {
        for head in ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"] {
            let channel = try Self.channel()
            try channel.writeInbound(ByteBuffer(string: head))
            try Self.answer(channel)
            #expect(try Self.sent(by: channel).contains("Connection: close\r\n"))
            channel.embeddedEventLoop.advanceTime(by: .seconds(5))
            #expect(!channel.isActive)
        }
    }

    @Test func `keeps the connection otherwise`() throws {
        for (head, field) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", nil),
            ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "Connection: keep-alive\r\n"),
        ] {
            let channel = try Self.channel()
            try channel.writeInbound(ByteBuffer(string: head))
            try Self.answer(channel)
            let answer = try Self.sent(by: channel)
            #expect(!answer.contains("close"))
            if let field { #expect(answer.contains(field)) }
            channel.embeddedEventLoop.advanceTime(by: .seconds(74))
            #expect(channel.isActive)
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            #expect(!channel.isActive)
        }
    }

    @Test func `says that it will close when an answer comes before the body has ended`() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx"))
        try Self.answer(channel)
        #expect(try Self.sent(by: channel).contains("Connection: close\r\n"))
    }

    @Test func `finishes its answer when the server shuts down, and then closes`() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(channel.isActive)
        try Self.answer(channel)
        #expect(try Self.sent(by: channel).contains("Connection: close\r\n"))
    }

    @Test func `lets its client take the rest of an answer when the server shuts down`() throws {
        let channel = try Self.channel()
        try channel.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "4"])
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "rest"))), promise: nil)
        // Not flushed: as if the client took nothing at the moment.
        channel.write(HTTPServerResponsePart.end(nil), promise: nil)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(channel.isActive)
        channel.flush()
        #expect(try Self.sent(by: channel).hasSuffix("rest"))
        channel.embeddedEventLoop.advanceTime(by: .seconds(5))
        #expect(!channel.isActive)
    }

    @Test func `tells its client to come no more while the process drains`() throws {
        let readiness = Readiness()
        let channel = try Self.channel(readiness)
        readiness.beginDraining()
        try channel.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
        try Self.answer(channel)
        #expect(try Self.sent(by: channel).contains("Connection: close\r\n"))
    }

    // MARK: -

    private static func channel(
        _ readiness: Readiness = Readiness(), registry: PrometheusRegistry = PrometheusRegistry(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        let pipeline = channel.pipeline.syncOperations
        let connection = ConnectionGuard(
            limits: ConnectionLimits(), log: AccessLog(metrics: HTTPMetrics(registry: registry), logger: logger),
            readiness: readiness, eventLoop: channel.eventLoop)
        try pipeline.addHandler(HeaderWatch(telling: connection))
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = ConnectionLimits().headerBytes
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
        try pipeline.addHandler(connection)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    private static func answer(_ channel: EmbeddedChannel) throws {
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "0"])
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    private static func sent(by channel: EmbeddedChannel) throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }
}
