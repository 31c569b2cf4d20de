import NIOCore
import NIOPosix
import Synchronization

/// A fixed number of threads for calls that block, which must never stand on the threads that Swift's tasks share.
package final class BlockingThreads: Sendable {
    private let pool: NIOThreadPool
    private let pending = Atomic(0)
    private let limit: Int

    /// - Parameter limit: how many calls may run or wait at once; more are refused rather than kept waiting for ever.
    package init(count: Int, limit: Int) {
        self.limit = limit
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    // What was handed over still runs; the pool lives until then.
    deinit { pool.shutdownGracefully { _ in } }

    /// Runs `body` on one of the threads, even when the task is cancelled meanwhile: the calls are short.
    /// - Throws: ``TooManyWaiting``, or what `body` throws.
    package func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        guard pending.add(1, ordering: .relaxed).newValue <= limit else {
            pending.subtract(1, ordering: .relaxed)
            throw TooManyWaiting(limit: limit)
        }
        defer { pending.subtract(1, ordering: .relaxed) }
        return try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result(catching: body)) }
        }
    }

    /// Like ``run(_:)``, for calls that may get stuck: by the deadline the caller has an answer. `body` may end later, and
    /// counts until then.
    /// - Throws: ``TooManyWaiting``, ``TooLate``, or what `body` throws.
    package func run<R: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () throws -> R
    ) async throws -> R {
        guard pending.add(1, ordering: .relaxed).newValue <= limit else {
            pending.subtract(1, ordering: .relaxed)
            throw TooManyWaiting(limit: limit)
        }
        return try await withCheckedThrowingContinuation { continuation in
            let answer = Answer(continuation)
            let left = TimeAmount(ContinuousClock.now.duration(to: deadline))
            let timer = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: left) {
                answer.give(.failure(TooLate()))
            }
            submit {
                let result = Result(catching: body)
                self.pending.subtract(1, ordering: .relaxed)
                timer.cancel()
                answer.give(result)
            }
        }
    }

    /// Runs `body` on one of the threads, however many wait: for tidying up, which nobody may refuse.
    package func tidy(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            submit {
                body()
                continuation.resume()
            }
        }
    }

    /// Runs `body` on one of the threads and waits for nothing: for callers that keep a bounded queue of their own.
    package func submit(_ body: @escaping @Sendable () -> Void) { pool.submit { _ in body() } }
}

/// More calls were waiting for a thread than may.
package struct TooManyWaiting: Error, Hashable, CustomStringConvertible {
    package let limit: Int
    package var description: String { "\(limit) calls wait for a thread already" }
}

/// The call had no end by its deadline.
package struct TooLate: Error, Hashable {}

/// What a caller waits for, given once.
private final class Answer<R: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<R, any Error>?>

    init(_ continuation: CheckedContinuation<R, any Error>) { self.continuation = Mutex(continuation) }

    func give(_ result: Result<R, any Error>) { continuation.withLock { $0.take() }?.resume(with: result) }
}
