import Jobs
import SQLBackend
import Synchronization
import Testing

/// On each database: what an idle process asks is what it costs.
@Suite struct `A process with nothing to do` {
    @Test(arguments: Place.Kind.allCases)
    func `asks its database one thing at a time, and less and less often, until there is work`(
        _ kind: Place.Kind
    ) async throws {
        try await Place.with(kind) { place in
            let asked = Mutex<[String]>([])
            let recording = RecordingDatabase(database: try await place.open(1)) { statement in
                asked.withLock { $0.append(statement.text) }
            }
            let queue = StoreQueue(
                try await SQLJobStore(recording), pauses: .milliseconds(20)...(.milliseconds(160)))
            asked.withLock { $0 = [] }
            let scene = try await place.scene()
            async let rings = queue.next(limit: 3)
            try await Task.sleep(for: .milliseconds(600))
            // After 20, 60, 140, 300, 460 … milliseconds.
            #expect(asked.withLock { $0.count } <= 6)
            // Another process has work, of which nothing tells this one.
            try await scene.submit(scene.insert())
            // It returns at all.
            _ = try await rings
            #expect(asked.withLock { $0 }.allSatisfy { $0.hasPrefix("SELECT") })
        }
    }
}
