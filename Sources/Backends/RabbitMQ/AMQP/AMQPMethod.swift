/// What a server says (AMQP 0-9-1), as far as we listen.
enum AMQPMethod: Hashable, Sendable {
    // MARK: Answers

    /// `connection.start`, in answer to the protocol header.
    case start
    /// `connection.tune`: the largest frame that the server takes, in bytes.
    case tune(frameMax: UInt32)
    /// `queue.declare-ok`: the queue is there, and this many messages are ready in it.
    case declared(messages: Int)
    /// Any other `…-ok`.
    case done

    // MARK: News

    /// `basic.deliver`: a message follows.
    case deliver(tag: UInt64, consumer: String)
    /// `basic.return`: a message follows that no queue took.
    case returned(routingKey: String)
    /// `basic.ack` or `basic.nack` of what we published; with `isMultiple`, of all up to it.
    case confirmed(tag: UInt64, isMultiple: Bool, isTaken: Bool)
    /// `basic.cancel`: a consumer's queue is gone.
    case canceled(consumer: String)
    case blocked(reason: String)
    case unblocked
    /// `connection.close` or `channel.close`.
    case close(code: Int, text: String)

    /// Whether it answers the oldest request on its channel.
    var isAnswer: Bool {
        switch self {
        case .start, .tune, .declared, .done: true
        default: false
        }
    }
}

/// One frame: a method, or a part of the message that follows one.
enum AMQPFrame: Hashable, Sendable {
    case method(AMQPMethod)
    /// How many bytes of body will come.
    case header(bodySize: UInt64)
    case body([UInt8])
    case heartbeat
}
