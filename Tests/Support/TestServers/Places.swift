import Synchronization

/// Numbered places, each of one test at a time: a server has so many connections only, and the tests all begin at once.
package final class Places: Sendable {
    private struct State {
        var free: [Int]
        var waiting: [CheckedContinuation<Int, Never>] = []
    }

    private let state: Mutex<State>

    package init(_ count: Int) { state = Mutex(State(free: Array(0..<count))) }

    /// Lends a place, as soon as one is free.
    package func take<R>(_ body: (Int) async throws -> R) async throws -> R {
        let place = await withCheckedContinuation { continuation in
            let free = state.withLock { state -> Int? in
                if let place = state.free.popLast() { return place }
                state.waiting.append(continuation)
                return nil
            }
            if let free { continuation.resume(returning: free) }
        }
        defer { leave(place) }
        return try await body(place)
    }

    private func leave(_ place: Int) {
        let next = state.withLock { state -> CheckedContinuation<Int, Never>? in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.free.append(place)
            return nil
        }
        next?.resume(returning: place)
    }
}
