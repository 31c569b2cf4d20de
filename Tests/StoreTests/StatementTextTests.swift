import Jobs
import SQLBackend
import Synchronization
import Testing

/// Servers keep each text that a connection has prepared, and have room for so many.
@Suite struct `The texts of statements` {
    @Test(arguments: Place.Kind.allCases)
    func `are few, however many jobs are named or asked for`(_ kind: Place.Kind) async throws {
        try await Place.with(kind) { place in
            let texts = Mutex<Set<String>>([])
            let recording = RecordingDatabase(database: try await place.open(1)) { statement in
                texts.withLock { _ = $0.insert(statement.text) }
            }
            let store = try await SQLJobStore(recording)
            let scene = Scene(store: store, clock: place.clock)
            let file = try await scene.insert()
            var jobs: [JobID] = []
            for quality in 1...80 { jobs.append(try await scene.submit(file, quality: quality).id) }
            texts.withLock { $0 = [] }
            for count in 1...70 {
                _ = try await store.claim(.next(count, preferring: .normal), by: scene.worker, lease: .zero)
                _ = try await store.reclaimExpiredLeases(
                    crashLimit: 1000, failure: Scene.failure, expiresAt: scene.clock.now, limit: 100)
                _ = try await store.claim(.these(Array(jobs.prefix(count))), by: scene.worker, lease: .zero)
                _ = try await store.reclaimExpiredLeases(
                    crashLimit: 1000, failure: Scene.failure, expiresAt: scene.clock.now, limit: 100)
            }
            #expect(texts.withLock { $0.count } < 25)
        }
    }
}
