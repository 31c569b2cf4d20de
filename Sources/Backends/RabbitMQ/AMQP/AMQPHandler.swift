import NIOCore
import Threads

/// What happens on a connection without being asked for. Called on the connection's event loop.
struct AMQPEvents: Sendable {
    var onDelivery: @Sendable (AMQPDelivery) -> Void = { _ in }
    var onEnd: @Sendable () -> Void = {}
}

/// A message that a consumer holds until it acknowledges it.
struct AMQPDelivery: Hashable, Sendable {
    /// Counts the deliveries of one connection.
    let tag: UInt64
    let queue: String
    let body: String
}

/// One end of a conversation in AMQP 0-9-1: matches answers with requests, puts messages together, keeps the heart beating.
///
/// Whatever goes wrong, on a channel as well, ends the connection: all is declared again on the next.
final class AMQPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// So many messages may wait for the server's word.
    static let publishLimit = 65536
    private static let goodbye: TimeAmount = .milliseconds(500)

    private let decoder: AMQPDecoder
    private let encoder = AMQPEncoder()
    private let events: AMQPEvents
    private let ended: Flag
    private var context: ChannelHandlerContext?
    /// Who waits for an answer, by channel; a server answers in order.
    private var waiting: [UInt16: CircularBuffer<EventLoopPromise<AMQPMethod>>] = [:]
    private var confirms = Confirms<EventLoopPromise<Set<String>>>()
    private var arriving: ArrivingMessage?
    private var blockedReason: String?
    private var ending: AMQPError?

    /// - Parameter ended: told when the conversation is over, which is before the channel is closed.
    init(events: AMQPEvents, ended: Flag) throws(AMQPError) {
        decoder = try AMQPDecoder()
        self.events = events
        self.ended = ended
    }

    // MARK: Speaking

    func send(_ requests: [AMQPRequest], on channel: UInt16) {
        write { buffer in
            for request in requests { try encoder.write(request, on: channel, to: &buffer) }
        }
    }

    func call(_ request: AMQPRequest, on channel: UInt16, answer: EventLoopPromise<AMQPMethod>) {
        if let ending { return answer.fail(ending) }
        waiting[channel, default: []].append(answer)
        send([request], on: channel)
    }

    /// - Parameter outcome: the queues that were missing, once every message is confirmed.
    func publish(_ messages: [AMQPMessage], on channel: UInt16, outcome: EventLoopPromise<Set<String>>) {
        if let ending { return outcome.fail(ending) }
        if let blockedReason { return outcome.fail(AMQPError.blocked(reason: blockedReason)) }
        guard confirms.count + messages.count <= Self.publishLimit else {
            return outcome.fail(AMQPError.tooManyWaiting(limit: Self.publishLimit))
        }
        confirms.expect(messages.count, for: outcome)
        write { buffer in
            for message in messages { try encoder.write(message, on: channel, to: &buffer) }
        }
    }

    /// Ends the conversation with a word of goodbye, where it has not ended yet.
    func end(because error: AMQPError) {
        guard ending == nil, let context else { return }
        send([.close], on: 0)
        tell(error)
        // The server closes when it has read it; where it does not, it is past caring.
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.goodbye) { context.close(promise: nil) }
    }

    private func write(_ body: (inout ByteBuffer) throws -> Void) {
        guard ending == nil, let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 8192)
        do {
            try body(&buffer)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        } catch {
            drop(error as? AMQPError ?? .malformed(reason: "\(error)"))
        }
    }

    /// Ends the conversation without a word.
    private func drop(_ error: AMQPError) {
        guard ending == nil else { return }
        tell(error)
        context?.close(promise: nil)
    }

    /// Tells everyone who waits that it is over.
    private func tell(_ error: AMQPError) {
        ending = error
        ended.raise()
        for promise in waiting.values.joined() { promise.fail(error) }
        waiting = [:]
        for promise in confirms.removeAll() { promise.fail(error) }
        events.onEnd()
    }

    // MARK: Listening

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        do {
            while ending == nil, let (channel, frame) = try decoder.next(from: &buffer) {
                try hear(frame, on: channel)
            }
        } catch {
            drop(error as? AMQPError ?? .malformed(reason: "\(error)"))
        }
    }

    private func hear(_ frame: AMQPFrame, on channel: UInt16) throws {
        switch frame {
        case .method(let method) where method.isAnswer:
            guard let promise = waiting[channel]?.popFirst() else {
                throw AMQPError.malformed(reason: "an answer that nobody waits for")
            }
            promise.succeed(method)
        case .method(.close(let code, let text)): hearClose(of: channel, .refused(code: code, text: text))
        case .method(let method): hear(method)
        case .header(let bodySize): try add { try $0.begin(bodySize: bodySize) }
        case .body(let bytes): try add { try $0.append(bytes) }
        case .heartbeat: break
        }
    }

    private func hear(_ method: AMQPMethod) {
        switch method {
        case .deliver, .returned: arriving = ArrivingMessage(method: method)
        case .confirmed(let tag, let isMultiple, let isTaken):
            for batch in confirms.settle(tag, isMultiple: isMultiple, isTaken: isTaken) {
                if batch.isTaken {
                    batch.waiter.succeed(batch.missing)
                } else {
                    batch.waiter.fail(AMQPError.blocked(reason: "it could not keep a message"))
                }
            }
        case .canceled(let consumer): end(because: .lost(reason: "the queue \(consumer) was deleted"))
        case .blocked(let reason):
            blockedReason = reason
            for promise in confirms.removeAll() { promise.fail(AMQPError.blocked(reason: reason)) }
        case .unblocked: blockedReason = nil
        case .start, .tune, .declared, .done, .close: break  // heard elsewhere
        }
    }

    private func hearClose(of channel: UInt16, _ error: AMQPError) {
        guard channel == 0 else { return end(because: error) }
        send([.closeOK], on: 0)
        drop(error)
    }

    private func add(_ part: (inout ArrivingMessage) throws -> Void) throws {
        guard var message = arriving else { throw AMQPError.malformed(reason: "a message without a method") }
        try part(&message)
        arriving = message.isComplete ? nil : message
        guard message.isComplete else { return }
        switch message.method {
        case .deliver(let tag, let consumer):
            events.onDelivery(
                AMQPDelivery(tag: tag, queue: consumer, body: String(decoding: message.body, as: UTF8.self)))
        case .returned(let queue): confirms.noteMissing(queue)
        default: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? IdleStateHandler.IdleStateEvent {
        case .write: write { try encoder.writeHeartbeat(to: &$0) }
        case .read: drop(.lost(reason: "no heartbeat"))
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
    func channelInactive(context: ChannelHandlerContext) { drop(.lost(reason: "closed by the peer")) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { drop(.lost(reason: "\(error)")) }
}

/// A message of which not all frames are there.
private struct ArrivingMessage {
    let method: AMQPMethod
    private(set) var body: [UInt8] = []
    private var bodySize: Int?

    /// Ours are job ids; anything much longer is not.
    private static let sizeLimit: UInt64 = 65536

    init(method: AMQPMethod) { self.method = method }

    var isComplete: Bool { body.count == bodySize }

    mutating func begin(bodySize: UInt64) throws(AMQPError) {
        guard bodySize <= Self.sizeLimit else {
            throw .malformed(reason: "a message of \(bodySize) bytes; the limit is \(Self.sizeLimit)")
        }
        self.bodySize = Int(bodySize)
    }

    mutating func append(_ bytes: [UInt8]) throws(AMQPError) {
        guard let bodySize, body.count + bytes.count <= bodySize else {
            throw .malformed(reason: "a message longer than it said")
        }
        body += bytes
    }
}
