import NIOCore
import NIOEmbedded
import Testing
import Threads

@testable import RabbitMQBackend

/// What the server says is spelled out, in hexadecimal, as AMQP 0-9-1 says.
@Suite(.timeLimit(.minutes(1))) struct `A conversation with RabbitMQ` {
    /// `connection.blocked`, because of "memory"; RabbitMQ's own addition to the protocol.
    private static let blocked = bytes("01 0000 0000000B  000A 003C 06 6D656D6F7279  CE")
    private static let unblocked = bytes("01 0000 00000004  000A 003D  CE")
    private static let memory = AMQPError.blocked(reason: "memory")

    private let channel = EmbeddedChannel()
    private let handler: AMQPHandler

    init() throws {
        handler = try AMQPHandler(events: AMQPEvents(), ended: Flag())
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    @Test func `that it blocks takes no messages, and forgets those under way, until it goes on`() throws {
        let waiting = publish(2)
        try channel.writeInbound(ByteBuffer(bytes: Self.blocked))
        #expect(throws: Self.memory) { try waiting.wait() }
        _ = try sent()
        #expect(throws: Self.memory) { try publish(1).wait() }
        #expect(try sent() == 0)
        #expect(channel.isActive)

        try channel.writeInbound(ByteBuffer(bytes: Self.unblocked))
        let outcome = publish(1)
        #expect(try sent() > 0)
        // A late word on the first two is none on the third.
        try channel.writeInbound(ByteBuffer(bytes: ack(2, isMultiple: true)))
        try channel.writeInbound(ByteBuffer(bytes: ack(3, isMultiple: false)))
        #expect(try outcome.wait() == [])
    }

    @Test func `refuses more messages than may wait for its word`() throws {
        let waiting = publish(AMQPHandler.publishLimit)
        _ = try sent()
        let limit = AMQPHandler.publishLimit
        #expect(throws: AMQPError.tooManyWaiting(limit: limit)) { try publish(1).wait() }
        #expect(try sent() == 0)
        try channel.writeInbound(ByteBuffer(bytes: ack(UInt64(limit), isMultiple: true)))
        #expect(try waiting.wait() == [])
        let outcome = publish(1)
        try channel.writeInbound(ByteBuffer(bytes: ack(UInt64(limit) + 1, isMultiple: false)))
        #expect(try outcome.wait() == [])
    }

    @Test(arguments: [
        (403, "ACCESS_REFUSED - Login was refused", true), (530, "NOT_ALLOWED - vhost elsewhere not found", true),
        (406, "PRECONDITION_FAILED - inequivalent arg 'x-queue-type'", true),
        (404, "NOT_FOUND - home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible", false),
        (320, "CONNECTION_FORCED - broker forced connection closure", false), (541, "INTERNAL_ERROR", false),
    ])
    func `ends for good where it is set up otherwise, and not where a node is down`(
        _ code: Int, _ text: String, _ isForGood: Bool
    ) {
        #expect(AMQPError.refused(code: code, text: text).isForGood == isForGood)
    }

    // MARK: -

    private func publish(_ count: Int) -> EventLoopFuture<Set<String>> {
        let outcome = channel.eventLoop.makePromise(of: Set<String>.self)
        let message = AMQPMessage(queue: "q", body: "job")
        handler.publish(Array(repeating: message, count: count), on: 1, outcome: outcome)
        return outcome.futureResult
    }

    /// How many bytes were written since it was asked last.
    private func sent() throws -> Int {
        var count = 0
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { count += buffer.readableBytes }
        return count
    }

    private func ack(_ tag: UInt64, isMultiple: Bool) -> [UInt8] {
        let digits = String(tag, radix: 16)
        let number = String(repeating: "0", count: 16 - digits.count) + digits
        return bytes("01 0001 0000000D  003C 0050 \(number) \(isMultiple ? "01" : "00")  CE")
    }
}
