/// The truth about files and jobs.
///
/// Every method is one atomic step, whatever is behind it: it has happened whole, or not at all. What it answered has been
/// committed, and survives the death of any process. Methods that carry a ``Claim`` change the job only while that claim
/// holds (state `processing`, same worker, same fence) and otherwise throw ``JobStoreError/claimLost(_:)`` and change
/// nothing; a store judges leases by its own clock.
///
/// A blob is kept by what refers to it: files, unfinished jobs (their source), done jobs and cached results. When the last
/// reference goes, the blob is *doomed* in the same step: it is never referred to again, and ``doomedBlobs(limit:)`` hands
/// it to a sweeper, which deletes the bytes and then calls ``forgetBlobs(_:)``.
package protocol JobStore: Sendable {
    /// What `/health` calls it: `sqlite`.
    var kind: String { get }

    /// One cheap round trip, to see that the store answers.
    func ping() async throws

    // MARK: Files

    /// Records an upload whose bytes lie under `file.blob`.
    ///
    /// Where a living blob holds the same SHA-256, the file refers to that one instead and is a duplicate; the caller then
    /// deletes the bytes that it put under its own key.
    /// - Returns: the file as recorded: `blob` and `isDuplicate` may differ.
    func insert(_ file: StoredFile) async throws -> StoredFile

    /// - Throws: ``JobStoreError/unknown`` or ``JobStoreError/expired``.
    func file(_ id: FileID) async throws -> StoredFile

    /// Living files, newest first, beginning after `cursor`.
    func files(after cursor: FileID?, limit: Int) async throws -> [StoredFile]

    /// Deletes a file and with it its jobs: unfinished ones become `canceled`, results and their cache entries go.
    /// - Returns: the jobs that were canceled by it, and their followers that are ready now.
    /// - Throws: ``JobStoreError/unknown`` or ``JobStoreError/expired``. A deleted file is unknown.
    func deleteFile(_ id: FileID) async throws -> (canceled: [JobID], heirs: [ReadyJob])

    // MARK: Accepting

    /// Records a job, and decides in the same step how it will end up with a result:
    ///
    /// - a living result with its cache key: the job is `done` at once, and cached;
    /// - an unfinished job with its cache key: the new one *follows* it, is not ready itself, and ends with it: `done` and
    ///   cached where that one is done, `failed` alike where it fails for good. Where the leader is canceled or deleted,
    ///   the oldest follower becomes ready and leads the others. A leader that has not been claimed takes the higher of both
    ///   priorities;
    /// - otherwise it is queued and ready.
    ///
    /// With an idempotency key that is known, nothing is recorded: the first job is answered again.
    /// - Throws: ``JobStoreError/idempotencyKeyReused`` where the key came with another fingerprint before;
    ///   ``JobStoreError/unknown`` or ``JobStoreError/expired`` where the job has a file that is gone.
    func submit(_ job: Job, key: IdempotencyKey?) async throws -> Submission

    // MARK: Batches

    /// Records a batch, with none of its images yet.
    ///
    /// With an idempotency key that is known, nothing is recorded: the first batch is answered again, to which images may
    /// still be missing where whoever began it has died.
    /// - Returns: the batch, and whether the key was known.
    /// - Throws: ``JobStoreError/idempotencyKeyReused``.
    func begin(_ batch: Batch, key: IdempotencyKey?) async throws -> (batch: Batch, isRepeated: Bool)

    /// Adds the next images of a batch, and submits their jobs. Those that are there already are left alone.
    ///
    /// - Parameters:
    ///   - images: a few hundred at most, since all are one step.
    ///   - position: of the first of them in the batch, counted from 0.
    /// - Returns: the jobs that are ready.
    /// - Throws: ``JobStoreError/unknown`` or ``JobStoreError/expired`` where the batch is gone.
    func add(_ images: [BatchImage], at position: Int, to batch: BatchID) async throws -> [ReadyJob]

    /// - Throws: ``JobStoreError/unknown`` or ``JobStoreError/expired``.
    func batch(_ id: BatchID) async throws -> Batch

    /// Images of a batch in their order, with their jobs as they are now.
    func images(of batch: BatchID, from position: Int, limit: Int) async throws -> [BatchImage]

    /// Batches newest first, beginning after `cursor`.
    func batches(after cursor: BatchID?, limit: Int) async throws -> [Batch]

    // MARK: Working
    //
    // The steps that end a try take the job's tries with it; `nil` leaves them as they are. Followers have none.

    /// Takes ready jobs for a worker: their state becomes `processing`, the fence rises by one, and the lease runs from
    /// now by the store's clock. Jobs that are not ready (any more) are left out.
    func claim(_ request: ClaimRequest, by worker: WorkerID, lease: Duration) async throws -> [Job]

    /// Prolongs leases to `lease` from now.
    /// - Returns: the claims that no longer hold.
    func renew(_ claims: [Claim], lease: Duration) async throws -> [Claim]

    func report(progress: Double, of claim: Claim) async throws

    /// Publishes a result: the job is `done`, the result enters the cache until it expires, followers are done with it.
    /// Said again of the same result, after an answer that was lost on the way, it changes nothing and returns no followers.
    /// - Returns: the followers that ended with it.
    func finish(
        _ claim: Claim, with result: JobResult, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID]

    /// Ends a job, and its followers, as `failed`; where the error is worth another try, this one counts as an attempt.
    /// - Returns: the followers that ended with it.
    func fail(
        _ claim: Claim, because failure: JobFailure, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID]

    /// Counts an attempt and queues the job again, ready after `delay`.
    func retry(_ claim: Claim, because failure: JobFailure, tries: Tries?, after delay: Duration) async throws

    /// Counts a crash: the process that worked on the job, and on nothing else, has died. The job is queued again, ready;
    /// where its crashes have reached `limit` it ends as `failed`, and its followers with it.
    /// - Returns: the jobs that ended, this one included; empty where it is queued again.
    func crashed(
        _ claim: Claim, limit: Int, failure: JobFailure, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID]

    /// Queues jobs again, ready after `delay`, with no attempt counted: a worker that shuts down hands them back. The fence
    /// stays; the next claim raises it. Claims that no longer hold are left alone.
    func release(_ claims: [Claim], after delay: Duration) async throws

    // MARK: Webhooks

    /// Jobs that have ended and whose receivers are to be told, those first that ended first, and batches likewise; at most
    /// `limit` of each. What this version cannot read is left out.
    func owedWebhooks(limit: Int) async throws -> [OwedWebhook]

    /// Records deliveries, and in the same step that they are owed no more. Where one is owed no more already, or its subject
    /// has not ended any more, or at another time, it is left out.
    func schedule(_ deliveries: [NewDelivery]) async throws

    /// Ends a delivery that has arrived.
    func finish(_ claim: Claim, tries: Tries?, expiresAt: Timestamp) async throws

    // MARK: Asking

    /// - Throws: ``JobStoreError/unknown`` or ``JobStoreError/expired``.
    func job(_ id: JobID) async throws -> Job

    /// Those of these jobs that there are, in no order.
    func jobs(_ ids: [JobID]) async throws -> [Job]

    /// Jobs newest first, beginning after `cursor`.
    func jobs(_ filter: JobFilter, after cursor: JobID?, limit: Int) async throws -> [Job]

    func figures() async throws -> QueueFigures

    // MARK: Operating

    /// Makes an unfinished job `canceled`; a claim on it is lost by that.
    /// - Parameter expiresAt: for a job with no file; one with a file is kept as long as that.
    /// - Returns: the job, and its follower that is ready now.
    /// - Throws: ``JobStoreError/unknown``, ``JobStoreError/expired``, or ``JobStoreError/isFinal(_:)``.
    func cancel(_ id: JobID, expiresAt: Timestamp) async throws -> (job: Job, heir: ReadyJob?)

    /// Queues a failed job again, its counters at zero and its failure forgotten; it is ready, or follows, or is done at
    /// once, as ``submit(_:key:)`` decides.
    /// - Throws: ``JobStoreError/unknown``, ``JobStoreError/expired``, ``JobStoreError/notFailed(_:)``, or
    ///   ``JobStoreError/sourceGone`` where the source's bytes are no longer kept.
    func retryFailed(_ id: JobID) async throws -> Job

    /// Removes a failed job, as if its time were over.
    /// - Throws: ``JobStoreError/unknown``, ``JobStoreError/expired``, ``JobStoreError/notFailed(_:)``, or
    ///   ``JobStoreError/webhookOwed`` where its receiver would never hear of it.
    func discardFailed(_ id: JobID) async throws

    /// Has workers take no pictures, or take them again. They hear of it when they announce themselves.
    func pause(_ isPaused: Bool) async throws

    /// Has one worker take no pictures, or take them again; likewise.
    /// - Throws: ``JobStoreError/unknown`` where no such worker has announced itself.
    func drain(_ worker: WorkerID, _ isDraining: Bool) async throws

    // MARK: Healing

    /// Answers no submission with a job's result any more, since its bytes were lost: the next one makes them anew. Jobs that
    /// have it already keep it.
    func uncacheResult(of job: Job) async throws

    /// Takes back jobs whose lease has ended: each counts a crash and is queued again, ready; one whose crashes have
    /// reached `limit` ends as `failed` with `failure`, and its followers with it.
    ///
    /// A job that has crashed before counts another only where it had begun, which its progress tells (``Claim/begun``): its
    /// worker had claimed it ahead otherwise, and died of something else. Deliveries count none. One that was claimed more often than
    /// ``Claim/maxUnbegun`` counts it all the same.
    func reclaimExpiredLeases(
        crashLimit: Int, failure: JobFailure, expiresAt: Timestamp, limit: Int
    ) async throws -> Reclaimed

    /// Ready jobs that have waited since before `time` (never rung, or the ring was lost): by class from high to low, and in
    /// each those that have been ready for longest first.
    func readyJobs(waitingSince time: Timestamp, limit: Int) async throws -> [ReadyJob]

    /// Expires what is due, at most `limit` at once: files, final jobs (their results and cache entries), and batches whose
    /// jobs have all ended. Asked for later, they are `expired`, until `forgetting`: expired before that, they are removed
    /// and become unknown.
    /// - Returns: how many files and jobs expired.
    func expire(forgetting: Timestamp, limit: Int) async throws -> Int

    func doomedBlobs(limit: Int) async throws -> [BlobKey]
    func forgetBlobs(_ keys: [BlobKey]) async throws

    /// Which of these keys no blob that is kept or doomed bears: bytes that a dead process left behind.
    func unknownBlobs(among keys: [BlobKey]) async throws -> [BlobKey]

    // MARK: Presence

    /// Says that a worker lives, by the store's clock.
    /// - Returns: what it is to do.
    @discardableResult
    func announce(_ worker: WorkerPresence) async throws -> Orders

    /// Removes a worker that says goodbye.
    func withdraw(_ worker: WorkerID) async throws

    /// Workers that announced themselves within `age`; those long gone are removed.
    func workers(seenWithin age: Duration) async throws -> [WorkerPresence]

    // MARK: History

    /// Adds what one process counted to what the others did in the same slot. Slots of long ago go.
    func record(_ slot: HistorySlot) async throws

    /// The slots that begin at `time` or later and in which anything was counted, in their order.
    func history(since time: Timestamp) async throws -> [HistorySlot]
}

extension JobStore {
    /// Queues jobs again at once.
    package func release(_ claims: [Claim]) async throws { try await release(claims, after: .zero) }
}

/// What a store says when a step cannot be taken, the store itself being well.
package enum JobStoreError: Error, Hashable, Sendable {
    /// No such id, or it was deleted, or it expired long ago.
    case unknown
    /// It was there, and its time is over.
    case expired
    /// Another worker has the job, or nobody: the work is worth nothing.
    case claimLost(JobID)
    /// The job has ended already, in this state.
    case isFinal(Job.State)
    /// Only failed jobs are tried again by hand; this one is in this state.
    case notFailed(Job.State)
    /// The source's bytes are no longer kept.
    case sourceGone
    /// The job's end is still to be told to its receiver.
    case webhookOwed
    /// The same key came with another request before.
    case idempotencyKeyReused
    /// The store does not answer, or has no room; `reason` is its own message.
    case unavailable(reason: String)
    /// The disk under the store is full.
    case full
}

/// Which jobs are listed; all where nothing is set.
package struct JobFilter: Sendable, Hashable {
    package var state: Job.State?
    package var kind: JobKind?
    package var batch: BatchID?

    package init(state: Job.State? = nil, kind: JobKind? = nil, batch: BatchID? = nil) {
        self.state = state
        self.kind = kind
        self.batch = batch
    }
}

extension JobStoreError {
    /// Whether the same step may be taken a little later.
    var isPassing: Bool {
        switch self {
        case .unavailable, .full: true
        default: false
        }
    }
}

/// A client's promise that two requests with it are one (the Idempotency-Key header, IETF httpapi draft).
package struct IdempotencyKey: Sendable, Hashable {
    package let key: String
    /// A digest of the request's route and body.
    package let fingerprint: String

    package init(key: String, fingerprint: String) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// How a submitted job was taken.
package enum Submission: Sendable {
    case accepted(Job)
    /// The idempotency key was known: this is the job that it made, as it is now.
    case repeated(Job)

    package var job: Job {
        switch self {
        case .accepted(let job), .repeated(let job): job
        }
    }
}

/// What a sweep took back.
package struct Reclaimed: Sendable, Hashable {
    /// Queued again.
    package var requeued: [ReadyJob]
    /// Ended as failed, followers included.
    package var failed: [JobID]

    package init(requeued: [ReadyJob] = [], failed: [JobID] = []) {
        self.requeued = requeued
        self.failed = failed
    }
}
