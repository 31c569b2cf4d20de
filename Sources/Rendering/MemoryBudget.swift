import Dispatch
import Synchronization

/// Bytes for whole pictures, shared by the renderers of one process.
///
/// What does not fit now waits its turn, first come first served, so that a large picture is not passed over for ever by
/// small ones. Waiting blocks the calling thread, which must be one of our own.
package final class MemoryBudget: Sendable {
    package let byteCount: Int

    private struct Waiter {
        let byteCount: Int
        /// Signalled once the bytes are the waiter's.
        let turn: DispatchSemaphore
    }

    private struct State {
        var free: Int
        var waiters: [Waiter] = []
    }

    private let state: Mutex<State>

    /// How often a waiting thread asks whether it should still wait.
    private static let patience = DispatchTimeInterval.milliseconds(100)

    package init(byteCount: Int) {
        self.byteCount = byteCount
        state = Mutex(State(free: byteCount))
    }

    /// Runs `body` while `needed` bytes are counted as used.
    ///
    /// - Parameter checkpoint: called from time to time while waiting; what it throws ends the wait. Once more at its end.
    /// - Throws: ``LimitError/tooMuchMemory(byteCount:limit:)`` where `needed` is more than the whole budget.
    package func withBytes<R>(_ needed: Int, checkpoint: () throws -> Void, _ body: () throws -> R) throws -> R {
        guard needed > 0 else { return try body() }
        guard needed <= byteCount else { throw LimitError.tooMuchMemory(byteCount: needed, limit: byteCount) }
        try take(needed, checkpoint)
        defer { give(needed) }
        return try body()
    }

    private func take(_ needed: Int, _ checkpoint: () throws -> Void) throws {
        let turn: DispatchSemaphore? = state.withLock { state in
            if state.waiters.isEmpty, needed <= state.free {
                state.free -= needed
                return nil
            }
            let waiter = Waiter(byteCount: needed, turn: DispatchSemaphore(value: 0))
            state.waiters.append(waiter)
            return waiter.turn
        }
        guard let turn else { return }
        var isWaiting = true
        while isWaiting {
            isWaiting = turn.wait(timeout: .now() + Self.patience) == .timedOut
            do {
                try checkpoint()
            } catch {
                leave(turn, needed)
                throw error
            }
        }
    }

    /// Gives up a place in the queue, or the bytes where its turn came at the same moment.
    private func leave(_ turn: DispatchSemaphore, _ needed: Int) {
        let wasWaiting = state.withLock { state in
            guard let place = state.waiters.firstIndex(where: { $0.turn === turn }) else { return false }
            state.waiters.remove(at: place)
            Self.serve(&state)
            return true
        }
        if !wasWaiting { give(needed) }
    }

    private func give(_ bytes: Int) {
        state.withLock { state in
            state.free += bytes
            Self.serve(&state)
        }
    }

    private static func serve(_ state: inout State) {
        while let next = state.waiters.first, next.byteCount <= state.free {
            state.free -= next.byteCount
            state.waiters.removeFirst()
            next.turn.signal()
        }
    }
}
