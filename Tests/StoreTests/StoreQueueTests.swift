import Jobs
import Logging
import PostgreSQLBackend
import SQLBackend
import ServiceLifecycle
import Testing
import Threads

/// Where there is no other queue, a store's ready jobs are the queue.
@Suite(.timeLimit(.minutes(5))) struct `A store that is the queue` {
    @Test(arguments: Backend.allCases)
    func `ends a wait when another process has submitted a job`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            try await expectToWake(scene.store) { try await scene.submit(scene.insert()) }
            _ = try await scene.claim()
        }
    }

    @Test(arguments: Backend.allCases)
    func `ends a wait when a job may be tried again`(_ backend: Backend) async throws {
        try await backend.withStore { scene in
            try await scene.submit(scene.insert())
            let claim = try await scene.claim()
            try await scene.store.release([claim], after: .seconds(60))
            try await expectToWake(scene.store) { scene.clock.advance(by: .seconds(61)) }
            _ = try await scene.claim()
        }
    }

    /// Another process's worker, which hears no bell, finds nothing until `change`.
    private func expectToWake(_ store: any JobStore, _ change: () async throws -> Void) async throws {
        let isAwake = Flag()
        let queue = StoreQueue(store, pauses: .milliseconds(20)...(.milliseconds(50)))
        try await withThrowingTaskGroup { group in
            group.addTask {
                _ = try await queue.next(limit: 1)
                isAwake.raise()
            }
            try await Task.sleep(for: .milliseconds(200))
            #expect(!isAwake.isRaised)
            try await change()
            try await group.waitForAll()
        }
    }

    @Test func `rings through PostgreSQL in other processes`() async throws {
        try await withPostgreSQL { address in
            let store = try await SQLJobStore(PostgreSQLDatabase(address, connections: 2, limits: .long))
            let channel = { PostgreSQLHintChannel(address, PostgreSQLDatabase(address, connections: 1), name: "bells") }
            let (here, there) = (Side(on: channel()), Side(on: channel()))
            let services = ServiceGroup(services: [here.relay, there.relay], logger: Side.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                // Nobody looks by itself before the test is over.
                let (ours, theirs) = (here.queue(store), there.queue(store))
                group.addTask {
                    while !Task.isCancelled {
                        ours.ring(for: [])
                        try? await Task.sleep(for: .milliseconds(50))
                    }
                }
                _ = try await theirs.next(limit: 1)
                await services.triggerGracefulShutdown()
                group.cancelAll()
            }
        }
    }
}

/// One process.
private struct Side {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let outbox = HintOutbox()
    private let work = Bell()
    let relay: HintRelay

    init(on channel: any HintChannel) {
        relay = HintRelay(channel, outbox: outbox, changes: JobChanges(outbox: outbox), work: work, logger: Self.logger)
    }

    func queue(_ store: any JobStore) -> StoreQueue {
        StoreQueue(store, pauses: .seconds(3600)...(.seconds(3600)), bell: work, outbox: outbox)
    }
}
