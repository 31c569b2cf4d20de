import Dispatch
import Jobs
import Synchronization
import Threads

/// Connections, each used by one thread at a time: opened when they are needed, closed when they are not.
///
/// Opening has threads of its own. It may take longer than anyone waits (the name service, a host that is gone and another
/// after it); what was opened in vain is there for the next.
final class PostgreSQLPool: Sendable {
    private let open: @Sendable () throws -> sending PostgreSQLConnection
    /// More than one, since each may be stuck for seconds.
    private let openers = BlockingThreads(count: openerCount, limit: .max)
    private static let openerCount = 4
    private let capacity: Int
    private let limits: PostgreSQLLimits
    private let state = Mutex(State())

    private struct State {
        /// The last one used at the end.
        var idle: [IdleConnection] = []
        /// The first to come at the beginning.
        var waiters: [Waiter] = []
        /// Openings that are on their way or wait for a thread.
        var openings = 0
        /// Connections that there are, and those that are being opened.
        var count = 0
        /// How long steps take of late: an average that forgets.
        var stepTime = Duration.zero
        /// When the server last answered anybody.
        var answeredAt = ContinuousClock.now
        /// Rises when the server was silent: connections of before are not worth another try.
        var generation = 0
    }

    private struct IdleConnection {
        let held: HeldConnection
        let since: ContinuousClock.Instant
    }

    /// - Parameter capacity: how many connections there may be.
    init(
        capacity: Int, limits: PostgreSQLLimits,
        opening open: @escaping @Sendable () throws -> sending PostgreSQLConnection
    ) {
        self.capacity = capacity
        self.limits = limits
        self.open = open
    }

    /// Lends a connection.
    /// - Throws: ``PostgreSQLFailure``, or what `body` throws.
    func withConnection<R: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: (PostgreSQLConnection) throws -> R
    ) throws -> R {
        let held = try take(until: min(deadline - usualTime, .now + limits.connection))
        let begin = ContinuousClock.now
        defer { note(begin.duration(to: .now)) }
        do {
            let result = try held.connection.withLock { try body($0) }
            putBack(held)
            return result
        } catch let failure as PostgreSQLFailure where failure.isLost {
            drop(held, after: failure)
            throw failure
        } catch {
            putBack(held)
            throw error
        }
    }

    /// What a step must have left when it is lent a connection. On a slow network that is more than on a fast one: whoever
    /// begins with less misses the end and costs the connection, and the next has even less time while another is opened.
    private var usualTime: Duration {
        max(limits.least, min(state.withLock(\.stepTime), limits.answer / 2))
    }

    private func note(_ time: Duration) {
        state.withLock { $0.stepTime = ($0.stepTime * 7 + time) / 8 }
    }

    /// Closes a connection that was lost; and where the server has answered nobody since it was asked, those that are idle:
    /// they are most likely lost as well, and looking would cost each step its time.
    private func drop(_ held: HeldConnection, after failure: PostgreSQLFailure) {
        let askedAt = held.connection.withLock { $0.askedAt }
        // Closed outside of the lock, with their last mention.
        _ = state.withLock { state -> [IdleConnection] in
            state.count -= 1
            defer { startOpenings(&state) }
            guard failure.isServersFault || state.answeredAt < askedAt else { return [] }
            state.generation += 1
            state.count -= state.idle.count
            defer { state.idle = [] }
            return state.idle
        }
    }

    private func putBack(_ held: HeldConnection) {
        let isUsable = held.connection.withLock { $0.isUsable }
        let now = ContinuousClock.now
        _ = state.withLock { state -> [IdleConnection] in
            guard isUsable, held.generation == state.generation else {
                state.count -= 1
                startOpenings(&state)
                return []
            }
            state.answeredAt = now
            if !state.waiters.isEmpty {
                state.waiters.removeFirst().answer(.success(held))
                return []
            }
            state.idle.append(IdleConnection(held: held, since: now))
            let old = Array(state.idle.prefix { $0.since.duration(to: now) > limits.idle })
            state.idle.removeFirst(old.count)
            state.count -= old.count
            return old
        }
    }

    private func take(until deadline: ContinuousClock.Instant) throws -> HeldConnection {
        let waiter = Waiter()
        while let held = takeIdle(orWaitAs: waiter) {
            if held.connection.withLock({ $0.isUsable }) { return held }
            state.withLock { $0.count -= 1 }
        }
        let answer = waiter.wait(until: deadline)
        state.withLock { state in state.waiters.removeAll { $0 === waiter } }
        // It may have been answered while it gave up.
        guard let answer = answer ?? waiter.given else {
            throw PostgreSQLFailure.lost("no connection to the database could be had in time")
        }
        return try answer.get()
    }

    private func takeIdle(orWaitAs waiter: Waiter) -> HeldConnection? {
        state.withLock { state in
            if let idle = state.idle.popLast() { return idle.held }
            state.waiters.append(waiter)
            startOpenings(&state)
            return nil
        }
    }

    /// Has connections opened for those who wait.
    private func startOpenings(_ state: inout State) {
        while state.openings < state.waiters.count, state.count < capacity {
            state.openings += 1
            state.count += 1
            openers.submit { self.openOne() }
        }
    }

    private func openOne() {
        // Whoever asked may have been given one that came back, or have given up.
        let generation = state.withLock { state -> Int? in
            guard state.waiters.isEmpty else { return state.generation }
            state.openings -= 1
            state.count -= 1
            return nil
        }
        guard let generation else { return }
        let begin = ContinuousClock.now
        let result = Result { HeldConnection(try open(), generation: generation) }
        let late = state.withLock { state -> HeldConnection? in
            state.openings -= 1
            defer { startOpenings(&state) }
            switch result {
            case .success(let held):
                if state.waiters.isEmpty { return held }
                state.waiters.removeFirst().answer(result)
            case .failure:
                state.count -= 1
                // Those who came while it was failing may have better luck.
                let early = state.waiters.prefix { $0.since <= begin }
                for waiter in early { waiter.answer(result) }
                state.waiters.removeFirst(early.count)
            }
            return nil
        }
        if let late { putBack(late) }
    }
}

/// A connection that may be handed from thread to thread.
private final class HeldConnection: Sendable {
    let connection: Mutex<PostgreSQLConnection>
    let generation: Int

    init(_ connection: sending PostgreSQLConnection, generation: Int) {
        self.connection = Mutex(connection)
        self.generation = generation
    }
}

/// A thread that waits for a connection.
private final class Waiter: Sendable {
    let since = ContinuousClock.now
    private let semaphore = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<HeldConnection, any Error>?>(nil)

    var given: Result<HeldConnection, any Error>? { result.withLock { $0 } }

    func answer(_ result: Result<HeldConnection, any Error>) {
        self.result.withLock { $0 = result }
        semaphore.signal()
    }

    /// - Returns: `nil` when the time is up.
    func wait(until deadline: ContinuousClock.Instant) -> Result<HeldConnection, any Error>? {
        let left = ContinuousClock.now.duration(to: deadline)
        _ = semaphore.wait(timeout: .now() + .milliseconds(Int(max(0, left.milliseconds))))
        return given
    }
}
