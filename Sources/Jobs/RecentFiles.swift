import Synchronization

/// The files that this process accepted last: whoever uploads a picture asks for something to be done with it soon, and need
/// not wait until the store has said what it is.
///
/// What a file is never changes. Whether it is still there, the store decides when the job is submitted.
final class RecentFiles: Sendable {
    private struct State {
        var younger: [FileID: StoredFile] = [:]
        var older: [FileID: StoredFile] = [:]
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: about twice as many are known at most.
    init(capacity: Int = 512) { self.capacity = capacity }

    func add(_ file: StoredFile) {
        state.withLock { state in
            if state.younger.count >= capacity {
                state.older = state.younger
                state.younger.removeAll(keepingCapacity: true)
            }
            state.younger[file.id] = file
        }
    }

    subscript(_ id: FileID) -> StoredFile? {
        state.withLock { $0.younger[id] ?? $0.older[id] }
    }
}
