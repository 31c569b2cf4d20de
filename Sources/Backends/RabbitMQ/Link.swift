import NIOCore
import Synchronization

/// What a ``Link`` keeps.
protocol Linked: Sendable {
    /// Whether it still works, as far as is known.
    var isOpen: Bool { get }
    func close()
}

/// Keeps one connection of a kind: made when it is first asked for, shared by all who ask, made again once it is lost.
///
/// While the server is away those who ask are told so at once, and an attempt is made now and then: the pauses grow to a
/// second, cut at random so that a fleet does not come back all at once.
final class Link<Connection: Linked>: Sendable {
    private struct State {
        var phase = Phase.idle
        /// In a row.
        var failures = 0
    }

    private enum Phase {
        case idle
        case opening(EventLoopFuture<Connection>)
        case open(Connection)
        /// Not tried again before the pause is over.
        case failed(any Error, pauseEnd: NIODeadline)
        case closed

        /// Whether it is this attempt that is awaited.
        func isOpening(_ attempt: EventLoopPromise<Connection>) -> Bool {
            if case .opening(let future) = self { future === attempt.futureResult } else { false }
        }
    }

    private let state = Mutex(State())
    private let eventLoop: any EventLoop
    private let open: @Sendable (NIODeadline) async throws -> Connection

    private static var longestAttempt: TimeAmount { .seconds(6) }

    /// - Parameter open: makes a connection, by the deadline.
    init(on eventLoop: any EventLoop, open: @escaping @Sendable (NIODeadline) async throws -> Connection) {
        self.eventLoop = eventLoop
        self.open = open
    }

    /// The connection, once it is there.
    ///
    /// An attempt that takes longer than one caller waits goes on: on a slow network the next caller finds it done.
    func connection(by deadline: NIODeadline) async throws -> Connection {
        let (future, attempt) = state.withLock {
            state -> (EventLoopFuture<Connection>, EventLoopPromise<Connection>?) in
            switch state.phase {
            case .closed: return (eventLoop.makeFailedFuture(AMQPError.lost(reason: "closed")), nil)
            case .opening(let future): return (future, nil)
            case .open(let connection) where connection.isOpen:
                return (eventLoop.makeSucceededFuture(connection), nil)
            case .failed(let error, let pauseEnd) where NIODeadline.now() < pauseEnd:
                return (eventLoop.makeFailedFuture(error), nil)
            case .idle, .open, .failed:
                let promise = eventLoop.makePromise(of: Connection.self)
                state.phase = .opening(promise.futureResult)
                return (promise.futureResult, promise)
            }
        }
        // It serves all who wait for it, and outlives each of them; its deadline ends it.
        if let attempt { Task { await make(attempt) } }
        return try await future.get(by: deadline)
    }

    /// The connection, where there is one now.
    var current: Connection? {
        state.withLock { state in
            if case .open(let connection) = state.phase, connection.isOpen { connection } else { nil }
        }
    }

    /// Closes the connection that is there, or that is just being made; who asks later has another.
    func drop() {
        let connection = state.withLock { state -> Connection? in
            switch state.phase {
            case .open(let connection):
                state.phase = .idle
                return connection
            case .opening:
                state.phase = .idle
                return nil
            case .idle, .failed, .closed: return nil
            }
        }
        connection?.close()
    }

    /// Closes for good.
    func close() {
        let phase = state.withLock { state in
            defer { state.phase = .closed }
            return state.phase
        }
        if case .open(let connection) = phase { connection.close() }
    }

    private func make(_ attempt: EventLoopPromise<Connection>) async {
        do {
            let connection = try await open(.now() + Self.longestAttempt)
            let isWanted = state.withLock { state in
                guard state.phase.isOpening(attempt) else { return false }
                state = State(phase: .open(connection))
                return true
            }
            if !isWanted { connection.close() }
            attempt.succeed(connection)
        } catch {
            state.withLock { state in
                guard state.phase.isOpening(attempt) else { return }
                state.failures += 1
                state.phase = .failed(error, pauseEnd: .now() + Self.pause(after: state.failures))
            }
            attempt.fail(error)
        }
    }

    private static func pause(after failures: Int) -> TimeAmount {
        let longest = min(1000, 50 << min(failures, 10))
        return .milliseconds(.random(in: Int64(longest / 2)...Int64(longest)))
    }
}
