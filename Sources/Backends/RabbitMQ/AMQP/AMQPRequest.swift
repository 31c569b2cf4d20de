/// What we say to a server (AMQP 0-9-1).
enum AMQPRequest: Hashable, Sendable {
    /// Not a method: the eight bytes that begin a conversation.
    case protocolHeader
    case startOK(user: String, password: String)
    case tuneOK(frameMax: UInt32, heartbeat: UInt16)
    case open(virtualHost: String)
    case close
    case closeOK
    case openChannel
    /// Asks for a word on everything that is published on the channel.
    case selectConfirms
    /// A durable exchange that copies to all queues bound to it.
    case declareFanout(String)
    /// A durable queue.
    case declareQueue(String, arguments: [String: AMQPValue])
    case bind(queue: String, exchange: String)
    /// How many messages each consumer of the channel may hold unacknowledged.
    case prefetch(UInt16)
    case consume(queue: String)
    case acknowledge(tag: UInt64)
}

/// A message that survives a restart of the server, to be put into one queue.
struct AMQPMessage: Hashable, Sendable {
    /// The queue's name: the default exchange routes by it.
    let queue: String
    let body: String
}

/// An argument's value.
enum AMQPValue: Hashable, Sendable {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case table([String: AMQPValue])
}
