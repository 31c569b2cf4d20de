import Synchronization

/// Wakes who waits for it, or lets the next one through at once: a ring that nobody heard is remembered, several are one.
///
/// An `AsyncStream` will not do: it ends for good when a task that waits on it is cancelled, as a time-out does.
package final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastTicket = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func ring() {
        let waiters = state.withLock { state in
            // Those who wait have heard it; it is remembered only where nobody does.
            state.isRung = state.waiters.isEmpty
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits for a ring, until the time is up or the task is cancelled.
    /// - Returns: whether the time was up first.
    @discardableResult
    package func wait(atMost limit: Duration) async -> Bool {
        await withTaskGroup { group in
            group.addTask {
                await self.wait()
                return false
            }
            group.addTask { (try? await Task.sleep(for: limit)) != nil }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    /// Waits for a ring, or until the task is cancelled.
    package func wait() async {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.waiters[ticket] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
        }
    }
}
