import Jobs
import Synchronization
import Testing
import Threads

@testable import SQLBackend

@Suite(.timeLimit(.minutes(1))) struct `What callers ask for at the same time` {
    private let work = Work()

    @Test func `is done together while two steps are under way, and answered to each`() async throws {
        let gathering = Gathering(by: { _ in nil }, patience: .seconds(60), step: work.take)
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
        let gathering = Gathering(by: { $0 % 3 }, patience: .seconds(60), step: work.take)
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
        let gathering = Gathering(by: { _ in nil }, patience: .milliseconds(1), step: work.take)
        try await withThrowingTaskGroup { callers in
            for number in 0..<3 { callers.addTask { _ = try await gathering(number) } }
            while work.steps.count < 3 { await Task.yield() }
            work.letGo()
            try await callers.waitForAll()
        }
    }

    @Test(arguments: [Trouble.refused, .impossible])
    func `fails for the one that is at fault`(_ trouble: Trouble) async throws {
        #expect(try await failures(beside: trouble) == [trouble.rawValue])
    }

    @Test func `fails for all where the store is away`() async throws {
        #expect(try await failures(beside: .away).count == 10)
    }

    /// - Returns: those of ten that fail, done in one step with one that is in trouble.
    private func failures(beside trouble: Trouble) async throws -> Set<Int> {
        let gathering = Gathering(by: { _ in nil }, patience: .seconds(60), step: work.take)
        return try await withThrowingTaskGroup { callers in
            for number in 0..<2 { callers.addTask { try await gathering(number) < 0 ? number : nil } }
            while work.steps.count < 2 { await Task.yield() }
            for number in Array(2..<11) + [trouble.rawValue] {
                callers.addTask {
                    do {
                        _ = try await gathering(number)
                        return nil
                    } catch { return number }
                }
            }
            while gathering.waiting < 10 { await Task.yield() }
            work.letGo()
            return try await callers.reduce(into: []) { if let number = $1 { $0.insert(number) } }
        }
    }
}

/// Numbers that a step does not get on with.
enum Trouble: Int, Error {
    /// It fails for itself.
    case refused = -1
    /// The database will not have it, nor what is said with it.
    case impossible = -2
    /// The database is away.
    case away = -3
}

/// Multiplies by ten once it is let go.
private final class Work: Sendable {
    private let taken = Mutex<[[Int]]>([])
    private let isLetGo = Flag()

    var steps: [[Int]] { taken.withLock { $0 } }

    func letGo() { isLetGo.raise() }

    @Sendable func take(_ numbers: [Int]) async throws -> [Result<Int, any Error>] {
        taken.withLock { $0.append(numbers) }
        while !isLetGo.isRaised { await Task.yield() }
        if numbers.contains(Trouble.impossible.rawValue) { throw Trouble.impossible }
        if numbers.contains(Trouble.away.rawValue) { throw JobStoreError.unavailable(reason: "gone") }
        return numbers.map { $0 == Trouble.refused.rawValue ? .failure(Trouble.refused) : .success($0 * 10) }
    }
}
