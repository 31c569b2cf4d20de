/// Why a conversation with an AMQP server ended, or could not begin.
enum AMQPError: Error, Hashable, CustomStringConvertible {
    /// The server closed it and says why: 403 for a wrong password, 530 for a virtual host that is not there.
    case refused(code: Int, text: String)
    /// No answer came in time.
    case timedOut
    /// The server takes no messages for now: it is short of memory or disk.
    case blocked(reason: String)
    /// The connection broke.
    case lost(reason: String)
    /// The bytes are not AMQP, or not what the protocol allows here.
    case malformed(reason: String)
    /// Messages were returned: no queue of this name is there.
    case unroutable(String)
    /// So many messages wait for the server's word already.
    case tooManyWaiting(limit: Int)

    /// Whether it comes of how we or the server are set up, so that it does not pass: AMQP 0-9-1, 1.8, `access-refused`,
    /// `precondition-failed` for a queue that was declared otherwise, and `not-allowed`. Not `not-found`: RabbitMQ says it,
    /// too, of a queue whose node is down.
    var isForGood: Bool {
        if case .refused(let code, _) = self { [403, 406, 530].contains(code) } else { false }
    }

    var description: String {
        switch self {
        case .refused(let code, let text): "RabbitMQ refused: \(code) \(text)"
        case .timedOut: "RabbitMQ did not answer in time"
        case .blocked(let reason): "RabbitMQ takes no messages: \(reason)"
        case .lost(let reason): "the connection to RabbitMQ is lost: \(reason)"
        case .malformed(let reason): "the peer does not speak AMQP 0-9-1: \(reason)"
        case .unroutable(let queue): "RabbitMQ has no queue \(queue)"
        case .tooManyWaiting(let limit): "\(limit) rings wait for RabbitMQ already"
        }
    }
}
