import Crypto
import DiskBackend
import Foundation
import Imaging
import InMemoryLogging
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
    /// The processor's.
    let worker = WorkerID()
    let renderer: PlayedRenderer
    let isolated: PlayedRenderer
    let fetcher = PlayedFetcher()
    let webhooks: Webhooks
    let receiver = PlayedReceiver()
    let queue: RecordingQueue
    let database: FaultyDatabase
    let deadLetters: DeadLetters
    let mirror = RecordingMirror()
    let log: InMemoryLogHandler

    /// Who is told of what names nobody else.
    static let operatorsReceiver = "https://operator.example/hooks"

    static func with(
        lease: Duration = .seconds(30), grace: Duration = .seconds(10), maxAttempts: Int = 5,
        orphanAge: Duration = .seconds(3600), queue: (any JobQueue)? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: (Workshop) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("workshop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let workshop = try await Workshop(
            in: FilePath(folder.path), lease: lease, grace: grace, maxAttempts: maxAttempts, orphanAge: orphanAge,
            queue: queue, clock: clock)
        try await body(workshop)
    }

    private init(
        in folder: FilePath, lease: Duration, grace: Duration, maxAttempts: Int, orphanAge: Duration,
        queue: (any JobQueue)?, clock: any Clock<Duration>
    ) async throws {
        database = FaultyDatabase(try await SQLiteDatabase(path: folder.appending("jobs.db").string))
        let store = try await SQLJobStore(database)
        let queue = RecordingQueue(queue ?? StoreQueue(store, pauses: .milliseconds(50)...(.milliseconds(50))))
        self.queue = queue
        let storage = try await DiskObjectStorage(
            originals: folder.appending("originals"), results: folder.appending("results"))
        let scratch = try await DiskScratchSpace(in: folder.appending("scratch"))
        let changes = JobChanges()
        var retryPolicy = RetryPolicy(maxAttempts: maxAttempts)
        retryPolicy.baseDelay = .milliseconds(1)
        let log = InMemoryLogHandler()
        self.log = log
        let logger = Logger(label: "test") { _ in log }
        renderer = PlayedRenderer()
        isolated = PlayedRenderer()
        intake = Intake(
            store: store, queue: queue, storage: storage, scratch: scratch, probe: PlayedProbe(),
            previewer: NoPreviews(), urlRules: OpenDoors(),
            changes: changes,
            policy: IntakePolicy(
                allowedExtensions: ["png"], retention: .seconds(3600), maxOutputPixels: 1000, maxOutputSide: 100,
                describer: "played", tellsOperator: true))
        deadLetters = DeadLetters(of: store, in: mirror, logger: logger)
        var webhookSettings = WebhookSettings(
            worker: WorkerID(), operatorsReceiver: try SourceURL(Self.operatorsReceiver), retention: .seconds(3600)
        ) { "\($0.subject)" }
        webhookSettings.slowness = .zero
        webhooks = Webhooks(
            store: store, sender: receiver, changes: changes, deadLetters: deadLetters, settings: webhookSettings,
            logger: logger)
        var reconcilerSettings = ReconcilerSettings(
            lease: lease, maxCrashes: retryPolicy.maxCrashes, retention: .seconds(3600))
        reconcilerSettings.orphanAge = orphanAge
        reconciler = Reconciler(
            store: store, queue: queue, storage: storage, changes: changes, deadLetters: deadLetters,
            settings: reconcilerSettings, logger: logger, clock: clock)
        processor = Processor(
            store: store, queue: queue,
            workbench: Workbench(
                store: store, storage: storage, scratch: scratch,
                tools: Workbench.Tools(
                    shared: Workbench.Engine(renderer: renderer, describer: PlayedDescriber()),
                    isolated: Workbench.Engine(renderer: isolated, describer: PlayedDescriber()), probe: PlayedProbe(),
                    fetcher: fetcher),
                limits: Workbench.Limits(timeout: .seconds(60), maxFileSize: 1000, allowedFormats: [.png])),
            changes: changes, deadLetters: deadLetters,
            settings: ProcessorSettings(
                worker: worker, host: "test", version: "0", slots: 2, lease: lease,
                retryPolicy: retryPolicy, retention: .seconds(3600), shutdownGrace: grace),
            logger: logger)
    }

    /// What was logged under a key with a message, in order.
    func logged(_ message: String, _ key: String) -> [String] {
        log.entries.filter { "\($0.message)" == message }.compactMap { $0.metadata[key].map { "\($0)" } }
    }

    /// Uploads a file, always the same, and submits a plan for it.
    func submit(_ steps: String) async throws -> Job {
        let stored = try await accept(Array("picture".utf8))
        let plan = try PlanRequest(["transformations": .string(steps)]).plan()
        return try await intake.submit(plan, for: stored.id, on: SubmissionTerms(publicURL: "http://localhost")).job
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

    /// Runs `body` beside the processor and the webhooks, which are then asked to stop, and waited for.
    func whileProcessing(_ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            services: [webhooks, processor], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Has a process claim all that is ready, and die.
    func claimAndDie() async throws {
        let worker = WorkerID()
        for job in try await intake.store.claim(.next(100, preferring: .normal), by: worker, lease: .zero) {
            // In the middle of its work.
            try await intake.store.report(
                progress: Claim.begun, of: Claim(job: job.id, worker: worker, fence: job.fence))
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
    private let saidDepth = Mutex<Int?>(nil)
    private let isAway = Mutex(false)
    private let whenRung = Mutex<@Sendable () -> Void>({})

    init(_ base: any JobQueue) { self.base = base }

    var kind: String { base.kind }

    /// For whom, in order.
    var rung: [JobID] { jobs.withLock { $0 } }

    func forget() { jobs.withLock { $0 = [] } }

    /// Has it refuse to ring, or ring again.
    func setAway(_ isAway: Bool) { self.isAway.withLock { $0 = isAway } }

    /// Calls `body` before each ring from now on.
    func beforeRings(_ body: @escaping @Sendable () -> Void) { whenRung.withLock { $0 = body } }

    /// Has it say that so many rings wait.
    func say(depth: Int) { saidDepth.withLock { $0 = depth } }

    func ping() async throws { try await base.ping() }
    func ring(for jobs: [ReadyJob]) async throws {
        if isAway.withLock({ $0 }) { throw JobStoreError.unavailable(reason: "away") }
        self.jobs.withLock { $0 += jobs.map(\.id) }
        whenRung.withLock { $0 }()
        try await base.ring(for: jobs)
    }
    func next(limit: Int) async throws -> [Ring] { try await base.next(limit: limit) }
    func acknowledge(_ rings: [Ring]) async throws { try await base.acknowledge(rings) }
    func depth() async throws -> Int? {
        if let depth = saidDepth.withLock({ $0 }) { depth } else { try await base.depth() }
    }
}

/// A database that is away while the test says so.
final class FaultyDatabase: SQLDatabase {
    private let base: any SQLDatabase
    private let state = Mutex((isAway: false, losesAnswer: false, refusals: 0))
    private let refused = Bell()

    init(_ base: any SQLDatabase) { self.base = base }

    var kind: String { base.kind }
    var dialect: SQLDialect { base.dialect }

    func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    /// Commits the next step that writes, and does not say so.
    func loseNextAnswer() { state.withLock { $0.losesAnswer = true } }

    /// Waits until so many steps were refused.
    func wait(forRefusals count: Int) async {
        while state.withLock({ $0.refusals }) < count { await refused.wait() }
    }

    func write<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try check()
        let result = try await base.write(step)
        let isLost = state.withLock { state in
            defer { state.losesAnswer = false }
            return state.losesAnswer
        }
        if isLost { throw JobStoreError.unavailable(reason: "the answer was lost") }
        return result
    }

    func update<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try check()
        return try await base.update(step)
    }

    func read<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try check()
        return try await base.read(step)
    }

    func exclusively<R: Sendable>(_ step: @escaping @Sendable (any SQLConnection) throws -> R) async throws -> R {
        try check()
        return try await base.exclusively(step)
    }

    private func check() throws {
        let isAway = state.withLock { state in
            if state.isAway { state.refusals += 1 }
            return state.isAway
        }
        guard isAway else { return }
        refused.ring()
        throw JobStoreError.unavailable(reason: "away")
    }
}

/// Remembers the letters it was given.
final class RecordingMirror: DeadLetterMirror {
    private let state = Mutex<[DeadLetter]>([])

    var letters: [DeadLetter] { state.withLock { $0 } }

    func takeTurn() -> Bool { true }
    func append(_ letters: [DeadLetter]) { state.withLock { $0 += letters } }
    func replace(with letters: [DeadLetter]) { state.withLock { $0 = letters } }
}

/// Plays the engine: writes a line of text, after whatever the test wants to happen first.
final class PlayedRenderer: PictureRenderer {
    private let behaviour = Mutex<(progress: Double, body: @Sendable (Plan) async throws -> Void)>((0.5, { _ in }))
    private let calls = Mutex(0)
    private let planFiles = Mutex<[String: [UInt8]]>([:])

    var count: Int { calls.withLock { $0 } }

    /// What plans named, and the bytes that came for it.
    var filesSeen: [String: [UInt8]] { planFiles.withLock { $0 } }

    /// - Parameter progress: what it says first of how far it is.
    func behave(progress: Double = 0.5, _ body: @escaping @Sendable (Plan) async throws -> Void) {
        behaviour.withLock { $0 = (progress, body) }
    }

    func render(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath], to destination: FilePath, timeout: Duration,
        onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> RenderedPicture {
        calls.withLock { $0 += 1 }
        for (name, path) in files {
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: path.string)))
            planFiles.withLock { $0[name] = bytes }
        }
        let (progress, body) = behaviour.withLock { $0 }
        onProgress(progress)
        try await body(plan)
        let bytes = Workshop.developed(plan)
        try Data(bytes).write(to: URL(fileURLWithPath: destination.string))
        return RenderedPicture(
            format: .png, size: Size(width: 1, height: 1), bytes: .file(destination), byteCount: bytes.count,
            duration: .milliseconds(100),
            stages: StageTimes(decode: .milliseconds(3), encode: .milliseconds(2)))
    }
}

private struct PlayedProbe: PictureProbe {
    func probe(_ bytes: LocalBytes) async throws -> ProbedPicture {
        ProbedPicture(format: .png, size: Size(width: 10, height: 10))
    }
}

private struct NoPreviews: PicturePreviewer {
    func inTurn<R>(_ body: () async throws -> R) async throws -> R { try await body() }

    func preview(
        _ source: FilePath, by plan: Plan, with files: [String: FilePath], through file: FilePath, timeout: Duration
    ) async throws -> Preview {
        throw TooManyPreviews()
    }
}

/// Brings what it is told to.
final class PlayedFetcher: SourceFetcher {
    private let answers = Mutex<[Result<[UInt8], FetchError>]>([])
    private let silent = Mutex<Set<String>>([])
    private let waiting = Mutex(0)

    /// How many wait for an answer that does not come.
    var waitingCount: Int { waiting.withLock { $0 } }

    /// Never answers what asks this host.
    func fallSilent(at host: String) { silent.withLock { _ = $0.insert(host) } }

    /// The next fetches end so, in this order; after them each brings a picture.
    func answer(_ answers: Result<[UInt8], FetchError>...) { self.answers.withLock { $0 = answers } }

    func fetch(_ url: SourceURL, to path: FilePath, limit: Int) async throws -> Int {
        if case .name(let host) = url.host, silent.withLock({ $0.contains(host) }) {
            waiting.withLock { $0 += 1 }
            try await Task.sleep(for: .seconds(3600))
        }
        let answer = answers.withLock { $0.isEmpty ? .success(Array("picture".utf8)) : $0.removeFirst() }
        let bytes = try answer.get()
        try Data(bytes).write(to: URL(filePath: path.string))
        return bytes.count
    }
}

private struct OpenDoors: URLRules {
    func allows(_ url: SourceURL) -> Bool { true }
}

private struct PlayedDescriber: PictureDescriber {
    func measure(_ source: LocalBytes, timeout: Duration) async throws -> PictureMeasures {
        throw PictureError.undecodable(reason: "nobody looks")
    }

    func preview(_ source: LocalBytes, timeout: Duration) async throws -> [UInt8] { [] }
}
