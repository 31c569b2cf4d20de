import Crypto
import DiskBackend
import Foundation
import Imaging
import Jobs
import Logging
import SQLBackend
import SQLiteBackend
import ServiceLifecycle
import Synchronization
import SystemPackage
import Testing

/// A whole deployment in a folder of its own, with a real store and a real disk; only the engine is played.
struct Workshop: Sendable {
    let intake: Intake
    let reconciler: Reconciler
    let processor: Processor
    let renderer: PlayedRenderer
    let isolated: PlayedRenderer
    let queue: RecordingQueue

    static func with(
        lease: Duration = .seconds(30), grace: Duration = .seconds(10), maxAttempts: Int = 5,
        _ body: (Workshop) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("workshop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let workshop = try await Workshop(
            in: FilePath(folder.path), lease: lease, grace: grace, maxAttempts: maxAttempts)
        try await body(workshop)
    }

    private init(in folder: FilePath, lease: Duration, grace: Duration, maxAttempts: Int) async throws {
        let store = try await SQLJobStore(SQLiteDatabase(path: folder.appending("jobs.db").string))
        queue = RecordingQueue(StoreQueue(store, pauses: .milliseconds(50)...(.milliseconds(50))))
        let storage = try await DiskObjectStorage(
            originals: folder.appending("originals"), results: folder.appending("results"))
        let scratch = try await DiskScratchSpace(in: folder.appending("scratch"))
        let changes = JobChanges()
        var retryPolicy = RetryPolicy(maxAttempts: maxAttempts)
        retryPolicy.baseDelay = .milliseconds(1)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        renderer = PlayedRenderer()
        isolated = PlayedRenderer()
        intake = Intake(
            store: store, queue: queue, storage: storage, scratch: scratch, probe: PlayedProbe(), changes: changes,
            policy: IntakePolicy(
                allowedExtensions: ["png"], retention: .seconds(3600), maxOutputPixels: 1000, maxOutputSide: 100))
        let deadLetters = DeadLetters(of: store, in: nil, logger: logger)
        reconciler = Reconciler(
            store: store, queue: queue, storage: storage, changes: changes, deadLetters: deadLetters,
            settings: ReconcilerSettings(lease: lease, maxCrashes: retryPolicy.maxCrashes, retention: .seconds(3600)),
            logger: logger)
        processor = Processor(
            store: store, queue: queue, storage: storage, scratch: scratch, renderer: renderer, isolated: isolated,
            changes: changes, deadLetters: deadLetters,
            settings: ProcessorSettings(
                worker: WorkerID(), host: "test", version: "0", slots: 2, timeout: .seconds(60), lease: lease,
                retryPolicy: retryPolicy, retention: .seconds(3600), shutdownGrace: grace),
            logger: logger)
    }

    /// Uploads a file, always the same, and submits a plan for it.
    func submit(_ steps: String) async throws -> Job {
        let stored = try await accept(Array("picture".utf8))
        let plan = try PlanRequest(["transformations": .string(steps)]).plan()
        return try await intake.submit(plan, for: stored.id, publicURL: "http://localhost").job
    }

    func accept(_ bytes: [UInt8]) async throws -> StoredFile {
        try await intake.accept(scratchFile(bytes), named: "picture.png")
    }

    func scratchFile(_ bytes: [UInt8]) async throws -> ReceivedFile {
        let file = try await intake.scratch.create(suffix: "")
        try await file.finish(bytes)
        return ReceivedFile(
            bytes: .file(file.path), byteCount: bytes.count, sha256: ContentDigest(SHA256.hash(data: bytes)))
    }

    /// Runs `body` beside the processor, which is then asked to stop, and waited for.
    func whileProcessing(_ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            services: [processor], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Waits until a job is final.
    func final(_ id: JobID) async throws -> Job {
        try await intake.job(id, waiting: .seconds(50)) { $0.state.isFinal }
    }

    func bytes(of key: BlobKey) async throws -> [UInt8] {
        let reader = try await intake.storage.open(key)
        let bytes = try await reader.read(at: 0, count: reader.byteCount)
        await reader.close()
        return bytes
    }

    /// The results that lie in the storage, whoever refers to them.
    func resultKeys() async throws -> [BlobKey] {
        let keys = Mutex<[BlobKey]>([])
        try await intake.storage.forEachPage(writtenBefore: .now + .seconds(60)) { page in
            keys.withLock { $0 += page.filter { $0.rawValue.hasPrefix(BlobKey.results) } }
        }
        return keys.withLock { $0 }
    }

    /// What the played renderer makes of a plan.
    static func developed(_ plan: Plan) -> [UInt8] { Array("developed \(plan.steps.count)".utf8) }
}

/// Remembers for which jobs it rang.
final class RecordingQueue: JobQueue {
    private let base: any JobQueue
    private let jobs = Mutex<[JobID]>([])

    init(_ base: any JobQueue) { self.base = base }

    var kind: String { base.kind }

    /// For whom, in order.
    var rung: [JobID] { jobs.withLock { $0 } }

    func forget() { jobs.withLock { $0 = [] } }

    func ping() async throws { try await base.ping() }
    func ring(for jobs: [ReadyJob]) async throws {
        self.jobs.withLock { $0 += jobs.map(\.id) }
        try await base.ring(for: jobs)
    }
    func next(limit: Int) async throws -> [Ring] { try await base.next(limit: limit) }
    func acknowledge(_ rings: [Ring]) async throws { try await base.acknowledge(rings) }
    func depth() async throws -> Int? { try await base.depth() }
}

/// Plays the engine: writes a line of text, after whatever the test wants to happen first.
final class PlayedRenderer: PictureRenderer {
    private let behaviour = Mutex<(progress: Double, body: @Sendable (Plan) async throws -> Void)>((0.5, { _ in }))
    private let calls = Mutex(0)

    var count: Int { calls.withLock { $0 } }

    /// - Parameter progress: what it says first of how far it is.
    func behave(progress: Double = 0.5, _ body: @escaping @Sendable (Plan) async throws -> Void) {
        behaviour.withLock { $0 = (progress, body) }
    }

    func render(
        _ source: FilePath, by plan: Plan, to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture {
        calls.withLock { $0 += 1 }
        let (progress, body) = behaviour.withLock { $0 }
        onProgress(progress)
        try await body(plan)
        let bytes = Workshop.developed(plan)
        try Data(bytes).write(to: URL(fileURLWithPath: destination.string))
        return RenderedPicture(
            format: .png, size: Size(width: 1, height: 1), bytes: .file(destination), byteCount: bytes.count,
            duration: .milliseconds(100))
    }
}

private struct PlayedProbe: PictureProbe {
    func probe(_ bytes: LocalBytes) async throws -> ProbedPicture {
        ProbedPicture(format: .png, size: Size(width: 10, height: 10))
    }
}
