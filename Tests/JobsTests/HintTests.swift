import Jobs
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@Suite struct `Hints between processes` {
    @Test func `are read back from their text`() {
        for hints in [
            Hints(sender: "a", changed: [JobID(), JobID()], isWork: true), Hints(sender: "b", isWork: false),
            Hints(sender: "c", changed: [JobID()]),
        ] {
            #expect(Hints(text: hints.text) == hints)
        }
        for text in ["", "a", "a play", "a work 17"] { #expect(Hints(text: text) == nil, "\(text)") }
    }

    @Test func `fit into a message of any channel`() {
        let full = Hints(
            sender: WorkerID().description, changed: (0..<Hints.maxChanged).map { _ in JobID() }, isWork: true)
        #expect(full.text.utf8.count < 8000)
    }

    @Test(.timeLimit(.minutes(1)))
    func `wake in one process who waits for what another did`() async throws {
        try await Workshop.with { workshop in
            let channel = LocalChannel()
            let (here, there) = (Side(on: channel), Side(on: channel))
            let (job, others) = (JobID(), (0..<1000).map { _ in JobID() })
            let group = ServiceGroup(services: [here.relay, there.relay], logger: Side.logger)
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                await channel.wait(forListeners: 2)
                await there.changes.watching(job) { bell in
                    // More than one message holds, and the one that counts is the last.
                    here.changes.announce(others + [job])
                    await bell.wait()
                }
                StoreQueue(workshop.intake.store, outbox: here.outbox).ring(for: [])
                await there.work.wait()
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what a process says last is sent before it ends`() async throws {
        let channel = LocalChannel()
        let side = Side(on: channel)
        let group = ServiceGroup(services: [side.relay], logger: Side.logger)
        let job = JobID()
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            await channel.wait(forListeners: 1)
            side.changes.announce([job])
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(channel.sent.flatMap(\.changed) == [job])
    }
}

/// One process: what a relay connects.
private struct Side {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let outbox = HintOutbox()
    let work = Bell()
    let changes: JobChanges
    let relay: HintRelay

    init(on channel: LocalChannel) {
        changes = JobChanges(outbox: outbox)
        relay = HintRelay(channel, outbox: outbox, changes: changes, work: work, logger: Self.logger)
    }
}

/// Carries hints within the test, as text.
private final class LocalChannel: HintChannel {
    private let listeners = Mutex<[AsyncStream<String>.Continuation]>([])
    private let bell = Bell()
    private let messages = Mutex<[Hints]>([])

    var sent: [Hints] { messages.withLock { $0 } }

    /// As a connection does, it sends nothing for a task that is cancelled.
    func send(_ hints: Hints) throws {
        try Task.checkCancellation()
        messages.withLock { $0.append(hints) }
        for listener in listeners.withLock({ $0 }) { listener.yield(hints.text) }
    }

    func listen(_ hear: @escaping @Sendable (Hints) -> Void) async throws {
        let (texts, listener) = AsyncStream.makeStream(of: String.self)
        listeners.withLock { $0.append(listener) }
        bell.ring()
        for await text in texts { hear(try #require(Hints(text: text))) }
        throw CancellationError()
    }

    func wait(forListeners count: Int) async {
        while listeners.withLock({ $0.count }) < count { await bell.wait() }
    }
}
