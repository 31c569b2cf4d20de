import Jobs
import NIOCore
import Synchronization

/// One server, and the one connection that all commands to it share: opened when first needed, kept, and opened again
/// when it breaks. Where that does not succeed it is left until the next command: it may be gone for good.
///
/// Everything but the mailbox lives on one event loop. What many tasks send at the same time is taken out of the mailbox
/// at once, and goes out in one write.
final class RedisNode: Sendable {
    private enum Link {
        case unused
        /// With the requests that wait for it.
        case connecting([RedisRequest])
        case open(RedisConnection)
        /// The last attempt failed. Until the next may be made, requests fail at once.
        case resting(any Error, until: NIODeadline)
        case closed
    }

    private struct Mailbox {
        var requests: [RedisRequest] = []
        var isAwaited = false
    }

    let address: RedisAddress
    private let connector: RedisConnector
    private let eventLoop: any EventLoop
    private let mailbox = Mutex(Mailbox())
    private let knownPeers = Mutex<[RedisAddress]>([])
    private let link: NIOLoopBoundBox<Link>
    /// Attempts in a row that failed, or led to a connection that was soon lost.
    private let failures: NIOLoopBoundBox<Int>

    init(_ address: RedisAddress, connector: RedisConnector, on eventLoop: any EventLoop) {
        self.address = address
        self.connector = connector
        self.eventLoop = eventLoop
        link = .makeBoxSendingValue(.unused, eventLoop: eventLoop)
        failures = .makeBoxSendingValue(0, eventLoop: eventLoop)
    }

    /// The nodes of its cluster, as far as it has told.
    var peers: [RedisAddress] { knownPeers.withLock { $0 } }

    /// Sends commands in a row and waits for their answers; errors of the server are among these.
    ///
    /// The wait is not cut short by cancellation: it ends soon, and what was sent is done anyway.
    /// - Throws: ``JobStoreError/unavailable(reason:)``; whether the commands were carried out is then unknown.
    func send(_ commands: [RedisCommand], by deadline: NIODeadline) async throws -> [RedisValue] {
        try await withCheckedThrowingContinuation { continuation in
            do {
                post(try RedisRequest(commands, by: deadline) { continuation.resume(with: $0) })
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Opens the connection anew, as its server has become a replica or its name another's.
    func renew() {
        eventLoop.execute { if case .open(let connection) = self.link.value { connection.close() } }
    }

    func close() async {
        let done = eventLoop.makePromise(of: Void.self)
        eventLoop.execute {
            let last = self.link.value
            self.link.value = .closed
            switch last {
            case .open(let connection):
                connection.close()
                connection.closed.cascade(to: done)
            case .connecting(let requests):
                self.fail(requests, because: Self.isClosed)
                done.succeed()
            case .unused, .resting, .closed: done.succeed()
            }
        }
        try? await done.futureResult.get()
    }

    private static let isClosed = JobStoreError.unavailable(reason: "the client was closed")

    private func post(_ request: RedisRequest) {
        let isAwaited = mailbox.withLock { mailbox in
            mailbox.requests.append(request)
            defer { mailbox.isAwaited = true }
            return mailbox.isAwaited
        }
        if !isAwaited { eventLoop.execute { self.deliver() } }
    }

    private func deliver() {
        let requests = mailbox.withLock { mailbox in
            defer { mailbox = Mailbox() }
            return mailbox.requests
        }
        switch link.value {
        case .unused: connect(for: requests)
        case .connecting(let waiting): link.value = .connecting(waiting + requests)
        case .open(let connection): connection.send(requests)
        case .resting(let error, let end):
            if NIODeadline.now() < end { fail(requests, because: error) } else { connect(for: requests) }
        case .closed: fail(requests, because: Self.isClosed)
        }
    }

    private func connect(for requests: [RedisRequest]) {
        link.value = .connecting(requests)
        // Whoever comes meanwhile waits no longer than these, and tries again.
        let deadline = requests.map(\.deadline).max()
        connector.connect(to: address, on: eventLoop, by: deadline).whenComplete { self.connected($0) }
    }

    private func connected(_ result: Result<RedisConnection, any Error>) {
        guard case .connecting(let waiting) = link.value else {
            // Closed meanwhile.
            try? result.get().close()
            return
        }
        switch result {
        case .success(let connection):
            if !connection.peers.isEmpty { knownPeers.withLock { $0 = connection.peers } }
            link.value = .open(connection)
            let opened = NIODeadline.now()
            connection.closed.whenComplete { _ in self.lost(connection, openedAt: opened) }
            connection.send(waiting)
        case .failure(let error):
            rest(because: error)
            fail(waiting, because: error)
        }
    }

    private func lost(_ connection: RedisConnection, openedAt: NIODeadline) {
        guard case .open(let current) = link.value, current === connection else { return }
        // A server that lets in and then hangs up would otherwise be called without a pause.
        if NIODeadline.now() - openedAt > Self.shortLife {
            failures.value = 0
            connect(for: [])
        } else {
            rest(because: JobStoreError.unavailable(reason: "\(address): the connection was lost"))
        }
    }

    private func rest(because error: any Error) {
        let pause = min(Self.longestPause, Self.firstPause * Int64(1 << min(failures.value, 10)))
        failures.value += 1
        // Half of it at random: clients that lost one server together do not come back together.
        let jittered = TimeAmount.nanoseconds(pause.nanoseconds / 2 + .random(in: 0...(pause.nanoseconds / 2)))
        link.value = .resting(error, until: .now() + jittered)
    }

    private static let shortLife = TimeAmount.milliseconds(200)
    private static let firstPause = TimeAmount.milliseconds(20)
    private static let longestPause = TimeAmount.seconds(1)

    private func fail(_ requests: [RedisRequest], because error: any Error) {
        for request in requests { request.answer(.failure(error)) }
    }
}
