import Jobs
import Synchronization

/// Lets what several callers ask for at the same time be done together: a step for many costs a database little more than
/// one for a single caller.
///
/// Nobody waits for company. What comes while two steps are under way is the next step, which begins when one of them
/// ends; or without that, so that no caller waits long for somebody else's.
final class Gathering<Item: Sendable, Answer: Sendable>: Sendable {
    /// Answers each of the items, in their order.
    typealias Step = @Sendable ([Item]) async throws -> [Result<Answer, any Error>]

    private let step: Step
    private let tellsApart: @Sendable (Item) -> AnyHashable?
    /// How long a caller waits for steps that are under way.
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - tellsApart: what no two items of one step have in common; `nil` for those that have nothing of the kind.
    ///   - step: may run more than once at a time. Where it throws, it has changed nothing.
    init(
        by tellsApart: @escaping @Sendable (Item) -> AnyHashable?, patience: Duration = .milliseconds(100),
        step: @escaping Step
    ) {
        self.tellsApart = tellsApart
        self.patience = patience
        self.step = step
    }

    private struct Waiting: Sendable {
        let item: Item
        let since = ContinuousClock.now
        let continuation: CheckedContinuation<Answer, any Error>
    }

    private struct State {
        /// The first to come at the beginning.
        var waiting: [Waiting] = []
        var running = 0
        var isWatched = false
    }

    private static var stepsAtOnce: Int { 2 }
    private static var maxItems: Int { 64 }

    /// How many callers wait for a step to begin.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Has an item done, perhaps beside others.
    /// - Throws: what the step throws for this item, or because the database is not there for any.
    func callAsFunction(_ item: Item) async throws -> Answer {
        // Steps keep to the caller's threads.
        let executor = unsafe withUnsafeCurrentTask { unsafe $0?.unownedTaskExecutor?.asTaskExecutor() }
        return try await withCheckedThrowingContinuation { continuation in
            let (begins, watches) = state.withLock { state in
                state.waiting.append(Waiting(item: item, continuation: continuation))
                if state.running < Self.stepsAtOnce {
                    state.running += 1
                    return (true, false)
                }
                defer { state.isWatched = true }
                return (false, !state.isWatched)
            }
            if begins { Task.immediate(executorPreference: executor) { await self.run() } }
            if watches { Task { await self.watch() } }
        }
    }

    /// Takes steps until nobody waits.
    private func run() async {
        while true {
            let taken = state.withLock { state in
                let taken = take(&state)
                if taken.isEmpty { state.running -= 1 }
                return taken
            }
            if taken.isEmpty { return }
            await answer(taken)
        }
    }

    private func answer(_ taken: [Waiting]) async {
        do {
            let answers = try await step(taken.map(\.item))
            for (one, answer) in zip(taken, answers) { one.continuation.resume(with: answer) }
        } catch let error where taken.count > 1 && !(error is JobStoreError) {
            // One of them will not do, for which the others shall not suffer.
            for one in taken { await answer([one]) }
        } catch {
            for one in taken { one.continuation.resume(throwing: error) }
        }
    }

    private func take(_ state: inout State) -> [Waiting] {
        var taken: [Waiting] = []
        var left: [Waiting] = []
        var marks: Set<AnyHashable> = []
        for one in state.waiting {
            let isAlone = tellsApart(one.item).map { marks.insert($0).inserted } ?? true
            if isAlone, taken.count < Self.maxItems { taken.append(one) } else { left.append(one) }
        }
        state.waiting = left
        return taken
    }

    /// Begins a step for those that have waited too long.
    private func watch() async {
        while true {
            let (begins, next) = state.withLock { state -> (Bool, ContinuousClock.Instant?) in
                guard let first = state.waiting.first else {
                    state.isWatched = false
                    return (false, nil)
                }
                let begins = first.since + patience <= .now
                if begins { state.running += 1 }
                return (begins, begins ? .now + patience : first.since + patience)
            }
            if begins { Task { await self.run() } }
            guard let next else { return }
            try? await Task.sleep(until: next, clock: .continuous)
        }
    }
}
