import Synchronization
import Testing
import Threads

@testable import SQLBackend

@Suite(.timeLimit(.minutes(1))) struct `What callers ask for at the same time` {
    private let work = Work()

    @Test func `is done together while two steps are under way, and answered to each`() async throws {
        let gathering = Gathering(by: { _ in nil }, step: work.take)
        try await withThrowingTaskGroup { callers in
            for number in 0..<50 {
                callers.addTask {
                    let answer = try await gathering(number)
                    #expect(answer == number * 10)
                }
            }
            while work.steps.count < 2 || gathering.waiting < 48 { await Task.yield() }
            work.letGo()
            try await callers.waitForAll()
        }
        #expect(work.steps.map(\.count) == [1, 1, 48])
    }

    @Test func `is done apart where it has something in common`() async throws {
        let gathering = Gathering(by: { $0 % 3 }, step: work.take)
        try await withThrowingTaskGroup { callers in
            for number in 0..<11 { callers.addTask { _ = try await gathering(number) } }
            while work.steps.count < 2 || gathering.waiting < 9 { await Task.yield() }
            work.letGo()
            try await callers.waitForAll()
        }
        for step in work.steps { #expect(Set(step.map { $0 % 3 }).count == step.count) }
        #expect(work.steps.joined().sorted() == Array(0..<11))
    }

    @Test func `is begun beside steps that take long`() async throws {
        let gathering = Gathering(by: { _ in nil }, step: work.take)
        try await withThrowingTaskGroup { callers in
            for number in 0..<3 { callers.addTask { _ = try await gathering(number) } }
            while work.steps.count < 3 { await Task.yield() }
            work.letGo()
            try await callers.waitForAll()
        }
    }

    @Test func `fails for one, or for all where the step does`() async throws {
        let gathering = Gathering(by: { _ in nil }, step: work.take)
        work.letGo()
        await #expect(throws: Unlucky()) { _ = try await gathering(-13) }
        #expect(try await gathering(1) == 10)
        await #expect(throws: CancellationError.self) { _ = try await gathering(-1) }
        #expect(try await gathering(2) == 20)
    }
}

private struct Unlucky: Error, Hashable {}

/// Multiplies by ten once it is let go; -13 fails for itself, and -1 the whole step.
private final class Work: Sendable {
    private let taken = Mutex<[[Int]]>([])
    private let isLetGo = Flag()

    var steps: [[Int]] { taken.withLock { $0 } }

    func letGo() { isLetGo.raise() }

    @Sendable func take(_ numbers: [Int]) async throws -> [Result<Int, any Error>] {
        taken.withLock { $0.append(numbers) }
        while !isLetGo.isRaised { await Task.yield() }
        if numbers.contains(-1) { throw CancellationError() }
        return numbers.map { $0 == -13 ? .failure(Unlucky()) : .success($0 * 10) }
    }
}
