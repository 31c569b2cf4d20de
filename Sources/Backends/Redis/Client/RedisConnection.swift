import Jobs
import NIOCore

/// An open connection that has been let in.
final class RedisConnection: Sendable {
    let address: RedisAddress
    /// The nodes of the cluster that it belongs to; empty where it is none.
    let peers: [RedisAddress]
    private let channel: any Channel
    private let handler: NIOLoopBound<RedisCommandHandler>

    init(
        to address: RedisAddress, peers: [RedisAddress], channel: any Channel,
        handler: NIOLoopBound<RedisCommandHandler>
    ) {
        self.address = address
        self.peers = peers
        self.channel = channel
        self.handler = handler
    }

    /// Ends when the connection does, whatever ended it.
    var closed: EventLoopFuture<Void> { channel.closeFuture }

    var isOpen: Bool { channel.isActive }

    /// Sends requests; called on the connection's event loop.
    func send(_ requests: [RedisRequest]) { handler.value.send(requests) }

    /// Sends one command and waits for as long as it may take: for connections that wait for work or for messages.
    ///
    /// A cancelled wait closes the connection, since its answer is still to come.
    func send(_ words: [RedisArgument], within limit: Duration) async throws -> RedisValue {
        do {
            let answers: [RedisValue] = try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    do {
                        let request = try RedisRequest(
                            [RedisCommand(words)], by: .now() + TimeAmount(limit)
                        ) { continuation.resume(with: $0) }
                        channel.eventLoop.execute { self.send([request]) }
                    } catch {
                        continuation.resume(throwing: error)
                    }
                }
            } onCancel: {
                close()
            }
            if case .failure(let error)? = answers.last { throw error }
            return answers.last ?? .null
        } catch  where Task.isCancelled {
            throw CancellationError()
        }
    }

    func close() {
        channel.eventLoop.execute { self.handler.value.end(because: "the connection was closed") }
    }
}
