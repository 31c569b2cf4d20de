import Jobs
import NIOCore

/// Writes requests, and gives each the answers that are its own: Redis answers in the order of the commands.
///
/// That order is all that ties an answer to its command, so a request that nobody waits for any more keeps its place until
/// its answers have come. Where the server is to blame that they have not, the connection is closed.
final class RedisCommandHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Sent {
        let request: RedisRequest
        let time: NIODeadline
        var isGivenUp = false
    }

    private let address: RedisAddress
    /// How long on the wire without an answer is long enough to blame the server.
    private let fairChance: TimeAmount
    private let hear: (@Sendable ([UInt8]) -> Void)?
    private var reader: RedisReplyReader
    private var context: ChannelHandlerContext?
    private var waiting = CircularBuffer<Sent>()
    /// Answers to the first that waits, until it has all of its own.
    private var answers: [RedisValue] = []
    private var alarm: (deadline: NIODeadline, task: Scheduled<Void>)?
    /// Why the connection is of no use any more.
    private var failure: JobStoreError?

    /// - Parameters:
    ///   - patience: how long an answer may take.
    ///   - hear: hears what a subscribed connection is sent unasked: the payload of each message.
    init(address: RedisAddress, patience: Duration, hear: (@Sendable ([UInt8]) -> Void)?) throws {
        self.address = address
        fairChance = TimeAmount(patience / 2)
        self.hear = hear
        reader = try RedisReplyReader()
    }

    /// Sends requests in one go.
    func send(_ requests: [RedisRequest]) {
        guard failure == nil, let context else {
            let failure = failure ?? .unavailable(reason: "\(address): not connected")
            for request in requests { request.answer(.failure(failure)) }
            return
        }
        for request in requests {
            waiting.append(Sent(request: request, time: .now()))
            context.write(wrapOutboundOut(request.bytes), promise: nil)
            watch(request.deadline, in: context)
        }
        context.flush()
    }

    /// Ends the connection, and with it what still waits.
    func end(because reason: String) {
        guard failure == nil else { return }
        let failure = JobStoreError.unavailable(reason: "\(address): \(reason)")
        self.failure = failure
        alarm?.task.cancel()
        alarm = nil
        let abandoned = waiting
        waiting = []
        context?.close(promise: nil)
        for sent in abandoned where !sent.isGivenUp { sent.request.answer(.failure(failure)) }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(because: "the connection was closed")
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(because: "the connection was lost")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(because: "\(error)") }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try reader.feed(unwrapInboundIn(data))
            while failure == nil, let answer = try reader.next() { take(answer) }
        } catch {
            end(because: "\(error)")
        }
    }

    private func take(_ answer: RedisValue) {
        if let hear, case .array(let parts) = answer, parts.count == 3, parts[0].string == "message" {
            if let payload = parts[2].bytes { hear(payload) }
            return
        }
        guard let sent = waiting.first else {
            // "-ERR max number of clients reached" comes unasked.
            if case .failure(let error) = answer { return end(because: error.description) }
            return end(because: "an answer came to no question")
        }
        answers.append(answer)
        guard answers.count == sent.request.count else { return }
        waiting.removeFirst()
        let complete = answers
        answers = []
        if !sent.isGivenUp { sent.request.answer(.success(complete)) }
    }

    /// One alarm serves all: it looks for the earliest deadline only when it goes off.
    private func watch(_ deadline: NIODeadline, in context: ChannelHandlerContext) {
        if let alarm {
            guard deadline < alarm.deadline else { return }
            alarm.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.ring() }
        alarm = (deadline, task)
    }

    private func ring() {
        alarm = nil
        let now = NIODeadline.now()
        guard let context, let oldest = waiting.first else { return }
        // A request that was sent on from another server may have had little time left here, which is no fault of this one.
        let isFaulty = now - oldest.time >= fairChance
        for index in waiting.indices where !waiting[index].isGivenUp && waiting[index].request.deadline <= now {
            if isFaulty { return end(because: Self.lateness) }
            waiting[index].isGivenUp = true
            waiting[index].request.answer(.failure(JobStoreError.unavailable(reason: "\(address): \(Self.lateness)")))
        }
        let next = waiting.lazy.filter { !$0.isGivenUp }.map(\.request.deadline).min()
        if let next { watch(next, in: context) }
    }

    private static let lateness = "no answer in time"
}
