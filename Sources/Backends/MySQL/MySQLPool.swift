import Jobs
import NIOCore
import NIOPosix
import Synchronization
import Threads

/// A bounded number of connections, opened when needed, each used by one step at a time on a thread of the pool.
///
/// Whatever the server or the network does, the caller has an answer by the deadline; the thread may be busy for longer.
final class MySQLPool: Sendable {
    private let address: MySQLAddress
    private let patience: MySQLPatience
    private let clock: (@Sendable () -> Timestamp)?
    private let threads: BlockingThreads
    private let limit: Int
    private let pending = Atomic(0)
    /// The last used come first, so that the others grow old and are closed.
    private let idle = Mutex<[PooledConnection]>([])

    /// - Parameter limit: how many steps may run or wait; beyond that the store is unavailable at once.
    init(
        address: MySQLAddress, patience: MySQLPatience, clock: (@Sendable () -> Timestamp)?, size: Int, limit: Int
    ) {
        self.address = address
        self.patience = patience
        self.clock = clock
        self.limit = limit
        threads = BlockingThreads(count: size, limit: limit)
    }

    /// Lends a connection to `step`.
    /// - Throws: ``MySQLFailure`` where the step has met with one, ``JobStoreError/unavailable(reason:)`` where it has not
    ///   begun or has no end in time, and what it throws itself.
    func run<R: Sendable>(
        by deadline: ContinuousClock.Instant, _ step: @escaping @Sendable (MySQLConnection) throws -> R
    ) async throws -> R {
        guard pending.add(1, ordering: .relaxed).newValue <= limit else {
            pending.subtract(1, ordering: .relaxed)
            throw JobStoreError.unavailable(reason: "\(limit) steps wait for the database already")
        }
        return try await withCheckedThrowingContinuation { continuation in
            let answer = Answer(continuation)
            let remaining = TimeAmount(deadline - .now)
            let timer = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: remaining) {
                answer.give(.failure(Self.lateness))
            }
            threads.submit {
                let result = Result { try self.attempt(step, by: deadline) }
                self.pending.subtract(1, ordering: .relaxed)
                timer.cancel()
                answer.give(result)
            }
        }
    }

    static let lateness = JobStoreError.unavailable(reason: "no answer from the database in time")

    /// On one of the threads.
    private func attempt<R>(
        _ step: @Sendable (MySQLConnection) throws -> R, by deadline: ContinuousClock.Instant
    ) throws -> R {
        guard .now < deadline else { throw Self.lateness }
        let pooled = try takeIdle() ?? open()
        do {
            defer { keep(pooled) }
            return try pooled.connection.withLock { try step($0) }
        } catch let failure as MySQLFailure where failure.isConnectionLost {
            // The server may have let go of the others as well, while nobody used them.
            _ = takeAllIdle()
            throw failure
        }
    }

    private func open() throws -> PooledConnection {
        do {
            return PooledConnection(try MySQLConnection(to: address, patience: patience, clock: clock))
        } catch let failure as MySQLFailure {
            // No step has begun that could be run again.
            throw failure.error
        }
    }

    private func takeIdle() -> PooledConnection? {
        guard let last = idle.withLock({ $0.popLast() }) else { return nil }
        if last.isFresh, last.connection.withLock({ $0.isUsable }) { return last }
        _ = takeAllIdle()
        return nil
    }

    /// Connections are closed with their last mention, which takes a while: outside of the lock.
    private func takeAllIdle() -> [PooledConnection] {
        idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
    }

    private func keep(_ pooled: PooledConnection) {
        guard pooled.connection.withLock({ $0.isUsable }) else { return }
        pooled.wasUsed()
        _ = idle.withLock { idle in
            idle.append(pooled)
            let old = Array(idle.prefix { !$0.isFresh })
            idle.removeFirst(old.count)
            return old
        }
    }
}

private final class PooledConnection: Sendable {
    let connection: Mutex<MySQLConnection>
    private let usedAt = Mutex(ContinuousClock.now)

    init(_ connection: sending MySQLConnection) { self.connection = Mutex(connection) }

    /// Whether the server has it still, unless it was stopped.
    var isFresh: Bool {
        usedAt.withLock { $0.duration(to: .now) < .seconds(MySQLConnection.secondsKept / 2) }
    }

    func wasUsed() { usedAt.withLock { $0 = .now } }
}

/// What a caller waits for, given once.
private final class Answer<R: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<R, any Error>?>

    init(_ continuation: CheckedContinuation<R, any Error>) { self.continuation = Mutex(continuation) }

    func give(_ result: Result<R, any Error>) {
        continuation.withLock { $0.take() }?.resume(with: result)
    }
}
