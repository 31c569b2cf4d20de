import Synchronization

/// The work on one claimed job while it is done: how far it is, and how to end it before its time.
final class Effort: Sendable {
    enum StopReason: Sendable {
        /// The claim is gone: nobody wants the result.
        case claimLost
        /// The process is going down: others shall do it.
        case shutdown
    }

    private struct State {
        var stopReason: StopReason?
        /// While the work runs: asks it to end, and ends the wait for it.
        var cancel: (@Sendable () -> Void)?
        var leave: (@Sendable () -> Void)?
        var isAbandoned = false
        /// Done so far, 0…1, and how much of that the store knows.
        var progress = 0.0
        var reported = 0.0
    }

    let begin = ContinuousClock.now
    private let state = Mutex(State())

    /// The first reason given.
    var stopReason: StopReason? { state.withLock { $0.stopReason } }

    /// Asks the work to end, which it does soon: between two rows of a picture.
    func stop(because reason: StopReason) {
        let cancel = state.withLock { state in
            state.stopReason = state.stopReason ?? reason
            return state.cancel
        }
        cancel?()
    }

    /// Waits no longer for work that was stopped: its thread may be deep in one long step of a codec.
    func abandon() {
        let leave = state.withLock { state in
            state.isAbandoned = true
            return state.leave
        }
        leave?()
    }

    /// Runs `body`, cancelled when the effort is stopped.
    ///
    /// - Throws: what `body` throws, or `CancellationError` where it was abandoned; it then still runs, and what comes of it
    ///   is nobody's any more.
    func cancelling<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        // Only a task of its own can be cancelled from outside, and left behind. It keeps to this one's threads.
        let executor = unsafe withUnsafeCurrentTask { unsafe $0?.unownedTaskExecutor?.asTaskExecutor() }
        defer {
            state.withLock { state in
                state.cancel = nil
                state.leave = nil
            }
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = FirstOutcome(continuation)
                let task = Task.immediate(executorPreference: executor) {
                    do { outcome.give(.success(try await body())) } catch { outcome.give(.failure(error)) }
                }
                let (isStopped, isAbandoned) = state.withLock { state in
                    state.cancel = { task.cancel() }
                    state.leave = { outcome.give(.failure(CancellationError())) }
                    return (state.stopReason != nil || Task.isCancelled, state.isAbandoned)
                }
                if isStopped { task.cancel() }
                if isAbandoned { outcome.give(.failure(CancellationError())) }
            }
        } onCancel: {
            state.withLock { $0.cancel }?()
        }
    }

    // MARK: Progress

    /// - Parameter progress: the part that is done, 0…1.
    func note(progress: Double) { state.withLock { $0.progress = progress } }

    /// The progress that nobody was told yet; `nil` where there is none.
    func takeProgress() -> Double? {
        state.withLock { state in
            guard state.progress > state.reported else { return nil }
            state.reported = state.progress
            return state.progress
        }
    }
}

/// Passes on the first outcome that it is given; those that come later are dropped.
private final class FirstOutcome<R: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<R, any Error>?>

    init(_ continuation: CheckedContinuation<R, any Error>) { self.continuation = Mutex(continuation) }

    func give(_ outcome: Result<R, any Error>) {
        let continuation = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        continuation?.resume(with: outcome)
    }
}
