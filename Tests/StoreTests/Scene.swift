import Crypto
import FoundationEssentials
import Imaging
import Jobs

/// A store with the few words that tests say over and over.
struct Scene: Sendable {
    let store: any JobStore
    let clock: TestClock
    let worker = WorkerID()

    static let retention = Duration.seconds(7 * 86400)
    static let lease = Duration.seconds(30)
    static let failure = JobFailure(code: "undecodable_image", message: "the bytes end early", isRetryable: false)
    static let trouble = JobFailure(code: "storage_unavailable", message: "no answer", isRetryable: true)

    /// An upload, not recorded yet, whose digest comes from `bytes`.
    func upload(_ bytes: String = "cat", keptFor retention: Duration = retention) -> StoredFile {
        let id = FileID(at: clock.now)
        let digest = ContentDigest(SHA256.hash(data: Data(bytes.utf8)))
        return StoredFile(
            id: id, name: "\(bytes).png", format: .png, size: Size(width: 16, height: 9), byteCount: bytes.utf8.count,
            sha256: digest, blob: .original(id), createdAt: clock.now, expiresAt: clock.now + retention)
    }

    func insert(_ bytes: String = "cat") async throws -> StoredFile { try await store.insert(upload(bytes)) }

    /// A job, not submitted yet; the quality tells plans apart.
    func job(for file: StoredFile, quality: Int = 80) throws -> Job {
        let plan = try Plan(steps: [], output: ["format": "webp", "quality": .number(Double(quality))])
        return Job(
            id: JobID(at: clock.now), file: file, plan: plan, cacheKey: CacheKey(source: file.sha256, plan: plan),
            publicURL: "https://pictures.example", createdAt: clock.now)
    }

    /// A job for a picture elsewhere, not submitted yet.
    func job(forURL url: String) throws -> Job {
        let id = JobID(at: clock.now)
        return Job(
            id: id, source: .url(url), task: .develop(try Plan(steps: [])), cacheKey: CacheKey(alone: id),
            publicURL: "https://pictures.example", createdAt: clock.now)
    }

    @discardableResult
    func submit(_ file: StoredFile, quality: Int = 80, key: IdempotencyKey? = nil) async throws -> Job {
        try await store.submit(try job(for: file, quality: quality), key: key).job
    }

    /// Takes the oldest ready job, which is there.
    func claim(by other: WorkerID? = nil) async throws -> Claim {
        let worker = other ?? worker
        guard let job = try await store.claim(.next(1, preferring: .normal), by: worker, lease: Self.lease).first else {
            throw NothingReady()
        }
        return Claim(job: job.id, worker: worker, fence: job.fence)
    }

    func result(of claim: Claim) -> JobResult {
        JobResult(
            blob: .result(claim.job, fence: claim.fence, fileExtension: "webp"),
            content: .picture(.webp, Size(width: 8, height: 5)), byteCount: 321,
            facts: [Fact(name: "blurhash", value: "L=00~qo|?}"), Fact(name: "dominant_color", value: "#102030")])
    }

    @discardableResult
    func finish(_ claim: Claim, keptFor retention: Duration = retention) async throws -> [JobID] {
        try await store.finish(claim, with: result(of: claim), tries: nil, expiresAt: clock.now + retention)
    }

    @discardableResult
    func fail(_ claim: Claim) async throws -> [JobID] {
        try await store.fail(claim, because: Self.failure, tries: nil, expiresAt: clock.now + Self.retention)
    }

    func reclaim(crashLimit: Int = 3, limit: Int = 100) async throws -> Reclaimed {
        try await store.reclaimExpiredLeases(
            crashLimit: crashLimit, failure: Self.failure, expiresAt: clock.now + Self.retention, limit: limit)
    }

    func state(_ job: Job) async throws -> Job.State { try await store.job(job.id).state }

    func readyIDs() async throws -> [JobID] {
        try await store.readyJobs(waitingSince: clock.now + .seconds(1), limit: 100).map(\.id)
    }
}

struct NothingReady: Error {}
