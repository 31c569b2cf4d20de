import FoundationEssentials
import Imaging
import Jobs
import Logging
import Metrics
import SQLBackend
import SQLiteBackend
import ServiceLifecycle
import Synchronization
import Testing

@testable import CloudWatchBackend

@Suite(.timeLimit(.minutes(1))) struct `Embedded metrics` {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func withStore(_ body: (any JobStore) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(SQLJobStore(SQLiteDatabase(path: folder.appending(path: "jobs.db").path)))
    }

    private func metrics(
        of store: any JobStore, _ page: Page, meter: JobMeter? = nil, clock: any Clock<Duration> = ContinuousClock()
    ) -> EmbeddedMetrics {
        EmbeddedMetrics(
            store: store, meter: meter, origin: MetricOrigin(service: "pictures", environment: "test"), host: "test",
            version: "0", logger: Self.quiet, clock: clock, print: page.print)
    }

    @Test func `tell once how the deployment stands, whoever lives and dies`() async throws {
        try await withStore { store in
            let page = Page()
            let worker = WorkerPresence(id: WorkerID(), host: "test", slots: 4, busy: 0, version: "0", seenAt: .now)
            try await store.announce(worker)
            let processes = (0..<3).map { _ in metrics(of: store, page) }
            for dead in 0..<3 {
                for process in processes[dead...].reversed() { try await process.announce() }
                for process in processes where try await process.isOldest() { try await process.printFleet() }
                #expect(page.lines.count == dead + 1)
                try await store.withdraw(processes[dead].id)
            }
            for line in page.lines {
                try expectValid(line)
                #expect(try members(of: line) == Self.fleet)
            }
        }
    }

    @Test func `count a worker as one where processes without slots live too`() async throws {
        try await withStore { store in
            let page = Page()
            let process = metrics(of: store, page)
            try await process.announce()
            for slots in [1, 8, 0, 0] {
                try await store.announce(
                    WorkerPresence(id: WorkerID(), host: "test", slots: slots, busy: 0, version: "0", seenAt: .now))
            }
            for width in 1...6 {
                let plan = try PlanRequest(["operation": "resize", "width": .number(Double(width))]).plan()
                let id = JobID()
                let job = Job(
                    id: id, source: .url("https://example.com/a.png"), task: .develop(plan),
                    cacheKey: CacheKey(alone: id), publicURL: "http://localhost", createdAt: .now)
                _ = try await store.submit(job, key: nil)
            }
            try await process.printFleet()
            let line = try #require(page.lines.first)
            #expect(line.contains(#""QueueDepth":6,"#) && line.contains(#""BacklogPerWorker":3,"#))
        }
    }

    @Test func `are printed every 15 seconds, and what is left at the end`() async throws {
        try await withStore { store in
            let clock = SteppedClock()
            let (first, second) = (Page(), Page())
            let meter = JobMeter()
            let group = ServiceGroup(
                services: [
                    metrics(of: store, first, clock: clock), metrics(of: store, second, meter: meter, clock: clock),
                ],
                logger: Self.quiet)
            func done(_ count: Int) {
                Counter(label: MeasureLabel.jobsFinished, dimensions: [("state", "done")], factory: meter)
                    .increment(by: count)
            }
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                for time in stride(from: 5, through: 60, by: 5) {
                    // Each has three loops.
                    await clock.waitForSleepers(6)
                    done(1)
                    clock.advance(by: .seconds(5))
                    if time == 60 { await clock.waitForSleepers(6) }
                }
                done(7)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            // Whoever is the oldest since 15 seconds.
            #expect(first.lines.count == 3)
            #expect(try first.lines.map(members) == Array(repeating: Self.fleet, count: 3))
            #expect(second.lines.compactMap(Self.done) == [3, 3, 3, 3, 7])
            #expect(second.lines.count == 5)
            for line in second.lines { try expectValid(line) }
            #expect(try await store.workers(seenWithin: .seconds(60)).isEmpty)
        }
    }

    private static let fleet: Set = [
        "QueueDepth", "InProgress", "OldestJobSeconds", "DeadLetters", "BacklogPerWorker", "Service", "Environment",
        "_aws",
    ]

    private func members(of line: String) throws -> Set<String> {
        Set(try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8)).keys)
    }

    private static func done(_ line: String) -> Double? {
        let members = try? JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
        if case .number(let count) = members?["JobsDone"] { return count }
        return nil
    }
}

/// Takes the lines of a process.
private final class Page: Sendable {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock { $0 } }

    var print: @Sendable (String) -> Void {
        { line in self.all.withLock { $0.append(line) } }
    }
}

/// A clock that stands until it is moved on.
private final class SteppedClock: Clock {
    private struct State {
        var now = ContinuousClock.now
        var sleepers: [Int: (end: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var lastTicket = 0
    }

    private let state = Mutex(State())

    var now: ContinuousClock.Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.sleepers[ticket] = (deadline, continuation) }
                if Task.isCancelled { cancel(ticket) }
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    private func cancel(_ ticket: Int) {
        state.withLock { $0.sleepers.removeValue(forKey: ticket) }?.continuation.resume(throwing: CancellationError())
    }

    func waitForSleepers(_ count: Int) async {
        while state.withLock({ $0.sleepers.count }) < count { await Task.yield() }
    }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            let now = state.now
            let woken = state.sleepers.filter { $0.value.end <= now }
            for ticket in woken.keys { state.sleepers[ticket] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }
}
