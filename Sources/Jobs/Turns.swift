import Synchronization

/// Lets one task through at a time, in the order in which they came.
package final class Turns: Sendable {
    private struct State {
        var isTaken = false
        /// By ticket: the lowest came first.
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var lastTicket = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Calls `body` when its turn comes.
    ///
    /// - Throws: what `body` throws, or `CancellationError` as soon as the task is cancelled while it waits.
    package func take<R>(_ body: () async throws -> R) async throws -> R {
        try await wait()
        defer { pass() }
        try Task.checkCancellation()
        return try await body()
    }

    private func wait() async throws {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.isTaken {
                        state.waiting[ticket] = continuation
                        return nil
                    }
                    state.isTaken = true
                    return .success(())
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(throwing: CancellationError())
        }
    }

    private func pass() {
        let next = state.withLock { state in
            let first = state.waiting.keys.min()
            state.isTaken = first != nil
            return first.flatMap { state.waiting.removeValue(forKey: $0) }
        }
        next?.resume()
    }
}
