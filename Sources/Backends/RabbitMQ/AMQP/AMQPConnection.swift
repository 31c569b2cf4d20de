import NIOCore
import NIOPosix
import NIOSSL
import Threads

/// A connection to an AMQP server with one channel on it. It works until the first thing goes wrong.
final class AMQPConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<AMQPHandler>
    /// The channel lives a little longer, until the goodbye is said.
    private let ended: Flag

    /// Of the one AMQP channel that each connection has.
    private static let channelNumber: UInt16 = 1
    /// Seconds. Each side speaks twice as often, and is lost when nothing was heard for twice as long; the client has the
    /// last word on it.
    private static let heartbeat: UInt16 = 10

    private init(channel: any Channel, handler: AMQPHandler, ended: Flag) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        self.ended = ended
    }

    /// Connects, logs in, opens a channel, and asks for what is needed on it.
    ///
    /// - Parameters:
    ///   - requests: what is asked for on the channel at once; the connection is there when all is answered.
    ///   - tls: where the connection is encrypted; the server's name is checked against its certificate.
    ///   - deadline: by when all of it is done.
    /// - Throws: ``AMQPError``, or what connecting or the TLS handshake failed with.
    static func open(
        to address: AMQPAddress, tls: NIOSSLContext?, on group: any EventLoopGroup, by deadline: NIODeadline,
        events: AMQPEvents, requests: [AMQPRequest]
    ) async throws -> AMQPConnection {
        let connection = try await ClientBootstrap(group: group)
            .connectTimeout(deadline - .now())
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        // A literal address has no place in SNI; its certificate then has to name the address.
                        let isName = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isName ? address.host : nil))
                    }
                    try pipeline.addHandler(
                        IdleStateHandler(
                            readTimeout: .seconds(Int64(heartbeat) * 2), writeTimeout: .seconds(Int64(heartbeat) / 2)))
                    let ended = Flag()
                    let handler = try AMQPHandler(events: events, ended: ended)
                    try pipeline.addHandler(handler)
                    return AMQPConnection(channel: channel, handler: handler, ended: ended)
                }
            }
        do {
            try await connection.logIn(to: address, requests, by: deadline)
            return connection
        } catch {
            connection.close()
            throw error
        }
    }

    private func logIn(to address: AMQPAddress, _ requests: [AMQPRequest], by deadline: NIODeadline) async throws {
        let start = try await call(.protocolHeader, on: 0).get(by: deadline)
        let tune = try await call(.startOK(user: address.user, password: address.password), on: 0).get(by: deadline)
        guard case .start = start, case .tune(let frameMax) = tune else {
            throw AMQPError.malformed(reason: "an answer to another question")
        }
        send([.tuneOK(frameMax: min(frameMax, AMQPDecoder.frameMax), heartbeat: Self.heartbeat)], on: 0)
        // Said in one breath: a distant server is waited for once.
        let opening = call(.open(virtualHost: address.virtualHost), on: 0)
        let answers = callAll([.openChannel] + requests)
        _ = try await opening.get(by: deadline)
        for answer in answers { _ = try await answer.get(by: deadline) }
    }

    var isOpen: Bool { channel.isActive && !ended.isRaised }

    /// Says goodbye and closes; whoever waits is told.
    func close(because error: AMQPError = .lost(reason: "closed")) {
        ended.raise()
        channel.eventLoop.execute { self.handler.value.end(because: error) }
    }

    /// Asks for something, behind what was asked before; the answer fails where the connection ends first.
    func call(_ request: AMQPRequest, on channelNumber: UInt16 = channelNumber) -> EventLoopFuture<AMQPMethod> {
        let promise = channel.eventLoop.makePromise(of: AMQPMethod.self)
        channel.eventLoop.execute { self.handler.value.call(request, on: channelNumber, answer: promise) }
        return promise.futureResult
    }

    /// Asks for several things in one breath.
    func callAll(_ requests: [AMQPRequest]) -> [EventLoopFuture<AMQPMethod>] { requests.map { call($0) } }

    /// Says what needs no answer.
    func send(_ requests: [AMQPRequest], on channelNumber: UInt16 = channelNumber) {
        channel.eventLoop.execute { self.handler.value.send(requests, on: channelNumber) }
    }

    /// Publishes messages together; confirms were selected before.
    /// - Returns: the queues that were not there, once the server has taken on all messages.
    func publish(_ messages: [AMQPMessage]) -> EventLoopFuture<Set<String>> {
        let promise = channel.eventLoop.makePromise(of: Set<String>.self)
        channel.eventLoop.execute {
            self.handler.value.publish(messages, on: Self.channelNumber, outcome: promise)
        }
        return promise.futureResult
    }
}

extension EventLoopFuture where Value: Sendable {
    /// Waits for the value until the deadline; the work behind it goes on.
    /// - Throws: ``AMQPError/timedOut``, or what the work failed with.
    func get(by deadline: NIODeadline) async throws -> Value {
        let promise = eventLoop.makePromise(of: Value.self)
        let timer = eventLoop.scheduleTask(deadline: deadline) { promise.fail(AMQPError.timedOut) }
        whenComplete { result in
            timer.cancel()
            promise.completeWith(result)
        }
        return try await promise.futureResult.get()
    }
}
