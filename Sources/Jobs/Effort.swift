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
        var cancel: (@Sendable () -> Void)?
        /// Done so far, 0…1, and how much of that the store knows.
        var progress = 0.0
        var reported = 0.0
    }

    private let state = Mutex(State())

    /// The first reason given.
    var stopReason: StopReason? { state.withLock { $0.stopReason } }

    func stop(because reason: StopReason) {
        let cancel = state.withLock { state in
            state.stopReason = state.stopReason ?? reason
            return state.cancel
        }
        cancel?()
    }

    /// Runs `body`, cancelled when the effort is stopped.
    func cancelling<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        // Only a task of its own can be cancelled from outside. It keeps to this one's threads, and this one waits for it.
        let executor = unsafe withUnsafeCurrentTask { unsafe $0?.unownedTaskExecutor?.asTaskExecutor() }
        let task = Task.immediate(executorPreference: executor) { try await body() }
        let isStopped = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.stopReason != nil
        }
        if isStopped { task.cancel() }
        defer { state.withLock { $0.cancel = nil } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
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
