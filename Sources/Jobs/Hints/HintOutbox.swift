import Synchronization

/// Hints that wait to be sent. Those of a moment travel together, so that thousands of jobs a second are a few messages.
package final class HintOutbox: Sendable {
    private struct State {
        var changed: [JobID] = []
        var isWork = false
    }

    private let state = Mutex(State())
    let bell = Bell()
    /// Unique for each process start.
    let sender = WorkerID().description

    /// More than this wait only while the channel is broken, and are then worth nothing.
    private static let capacity = 10_000

    package init() {}

    func note(changed jobs: some Sequence<JobID>) {
        state.withLock { state in
            if state.changed.count < Self.capacity { state.changed += jobs }
        }
        bell.ring()
    }

    func noteWork() {
        state.withLock { $0.isWork = true }
        bell.ring()
    }

    /// All that waits, in messages of a size that every channel takes.
    func takeAll() -> [Hints] {
        let (changed, isWork) = state.withLock { state in
            defer { state = State() }
            return (state.changed, state.isWork)
        }
        var messages: [Hints] = []
        for start in stride(from: 0, to: changed.count, by: Hints.maxChanged) {
            let part = changed[start..<min(start + Hints.maxChanged, changed.count)]
            messages.append(Hints(sender: sender, changed: Array(part)))
        }
        if isWork {
            if messages.isEmpty { messages.append(Hints(sender: sender)) }
            messages[0].isWork = true
        }
        return messages
    }
}
