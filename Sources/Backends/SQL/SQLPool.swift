import Dispatch
import Jobs
import Synchronization
package import Threads

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// At most so many connections, each used by one thread at a time: opened when they are needed, closed when they are not.
///
/// Opening has threads of its own. It may take longer than anyone waits (the name service, a host that is gone and another
/// after it); what was opened in vain is there for the next.
package final class SQLPool: Sendable {
    private let open: @Sendable () throws -> sending SQLSession
    private let threads: BlockingThreads
    /// More than one, since each may be stuck for seconds.
    private let openers = BlockingThreads(count: openerCount, limit: .max)
    private static let openerCount = 4
    private let capacity: Int
    private let limits: SQLLimits
    private let state = Mutex(State())

    private struct State {
        /// The last one used at the end.
        var idle: [IdleSession] = []
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

    private struct IdleSession {
        let held: HeldSession
        let since: ContinuousClock.Instant
    }

    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - capacity: how many connections there may be.
    ///   - waitingLimit: how many steps may run or wait.
    package init(
        capacity: Int, waitingLimit: Int, limits: SQLLimits,
        opening open: @escaping @Sendable () throws -> sending SQLSession
    ) {
        self.capacity = capacity
        self.limits = limits
        self.open = open
        threads = BlockingThreads(count: capacity, limit: waitingLimit)
    }
}

// MARK: - Steps

extension SQLPool {
    /// Runs `body` until it succeeds, fails for good, or has no time left. Whatever the server does, the caller has an answer
    /// by then.
    ///
    /// - Parameters:
    ///   - threads: where it runs, if not on the pool's own.
    ///   - limit: for the whole, if not that for an answer.
    package func run<R: Sendable>(
        on threads: BlockingThreads? = nil, within limit: Duration? = nil,
        _ body: @escaping @Sendable (SQLSession, ContinuousClock.Instant) throws -> R
    ) async throws -> R {
        let deadline = ContinuousClock.now + (limit ?? limits.answer)
        do {
            return try await (threads ?? self.threads).run(until: deadline) { try self.attempt(body, until: deadline) }
        } catch let busy as TooManyWaiting {
            throw JobStoreError.unavailable(reason: busy.description)
        } catch is TooLate {
            throw JobStoreError.unavailable(reason: "no answer from the database in time")
        }
    }

    /// On one of the threads.
    private func attempt<R: Sendable>(
        _ body: (SQLSession, ContinuousClock.Instant) throws -> R, until deadline: ContinuousClock.Instant
    ) throws -> R {
        var tries = 0
        while true {
            do {
                return try withSession(until: deadline) { try body($0, deadline) }
            } catch let doubt as ChangeInDoubt {
                throw doubt.failure.error
            } catch let failure as any SQLFailure {
                tries += 1
                // Those that met shall not meet again.
                let pause = Duration.milliseconds(Int64.random(in: 0...min(1 << tries, 50)))
                guard failure.isConflict || failure.isLost, tries < Self.maxTries, .now + pause + usualTime < deadline
                else { throw failure.error }
                usleep(UInt32(clamping: pause.milliseconds * 1000))
            }
        }
    }

    private static let maxTries = 10

    /// Lends a connection.
    /// - Throws: what `body` throws, or ``JobStoreError/unavailable(reason:)``.
    private func withSession<R: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: (SQLSession) throws -> R
    ) throws -> R {
        let held = try take(until: min(deadline - usualTime, .now + limits.connection))
        let begin = ContinuousClock.now
        defer { note(begin.duration(to: .now)) }
        do {
            let result = try held.session.withLock { try body($0) }
            putBack(held)
            return result
        } catch let failure as any SQLFailure where failure.isLost {
            drop(held, after: failure)
            throw failure
        } catch let doubt as ChangeInDoubt {
            drop(held, after: doubt.failure)
            throw doubt
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
        state.withLock { $0.stepTime = ($0.stepTime * 7 + min(time, limits.answer)) / 8 }
    }
}

// MARK: - Connections

extension SQLPool {
    /// Closes a connection that was lost; and where the server has answered nobody since it was asked, those that are idle:
    /// they are most likely lost as well, and looking would cost each step its time.
    private func drop(_ held: HeldSession, after failure: any SQLFailure) {
        let askedAt = held.session.withLock { $0.askedAt }
        // Closed outside of the lock, with their last mention.
        _ = state.withLock { state -> [IdleSession] in
            state.count -= 1
            defer { startOpenings(&state) }
            guard failure.isServersFault || state.answeredAt < askedAt else { return [] }
            state.generation += 1
            state.count -= state.idle.count
            defer { state.idle = [] }
            return state.idle
        }
    }

    private func putBack(_ held: HeldSession) {
        let isUsable = held.session.withLock { $0.isUsable }
        let now = ContinuousClock.now
        _ = state.withLock { state -> [IdleSession] in
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
            state.idle.append(IdleSession(held: held, since: now))
            let old = Array(state.idle.prefix { $0.since.duration(to: now) > limits.idle })
            state.idle.removeFirst(old.count)
            state.count -= old.count
            return old
        }
    }

    private func take(until deadline: ContinuousClock.Instant) throws -> HeldSession {
        // It may have waited for a thread for so long that it would miss its end, idle connections or not.
        guard .now < deadline else {
            throw JobStoreError.unavailable(reason: "too many steps wait for the database")
        }
        let waiter = Waiter()
        while let idle = takeIdle(orWaitAs: waiter) {
            // One that is old the server may be closing at this moment.
            let isFresh = idle.since.duration(to: .now) < limits.idle
            if isFresh, idle.held.session.withLock({ $0.isUsable }) { return idle.held }
            state.withLock { $0.count -= 1 }
        }
        let answer = waiter.wait(until: deadline)
        state.withLock { state in state.waiters.removeAll { $0 === waiter } }
        // It may have been answered while it gave up.
        guard let answer = answer ?? waiter.given else {
            throw JobStoreError.unavailable(reason: "no connection to the database could be had in time")
        }
        return try answer.get()
    }

    private func takeIdle(orWaitAs waiter: Waiter) -> IdleSession? {
        state.withLock { state in
            if let idle = state.idle.popLast() { return idle }
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
        // No step has begun that could be run again.
        let result = Result { HeldSession(try open(), generation: generation) }
            .mapError { ($0 as? any SQLFailure)?.error ?? $0 }
        let late = state.withLock { state -> HeldSession? in
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
private final class HeldSession: Sendable {
    let session: Mutex<SQLSession>
    let generation: Int

    init(_ session: sending SQLSession, generation: Int) {
        self.session = Mutex(session)
        self.generation = generation
    }
}

/// A thread that waits for a connection.
private final class Waiter: Sendable {
    let since = ContinuousClock.now
    private let semaphore = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<HeldSession, any Error>?>(nil)

    var given: Result<HeldSession, any Error>? { result.withLock { $0 } }

    func answer(_ result: Result<HeldSession, any Error>) {
        self.result.withLock { $0 = result }
        semaphore.signal()
    }

    /// - Returns: `nil` when the time is up.
    func wait(until deadline: ContinuousClock.Instant) -> Result<HeldSession, any Error>? {
        let left = ContinuousClock.now.duration(to: deadline)
        _ = semaphore.wait(timeout: .now() + .milliseconds(Int(max(0, left.milliseconds))))
        return given
    }
}
