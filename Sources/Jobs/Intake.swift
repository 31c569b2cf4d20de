package import Imaging
package import Logging

/// Accepts work and answers for it: what every HTTP contract stands on.
///
/// It keeps no state that matters. What it answers has been committed to the store, so any process may be asked next.
package struct Intake: Sendable {
    package let store: any JobStore
    package let queue: any JobQueue
    package let storage: any ObjectStorage
    package let scratch: any ScratchSpace
    package let changes: JobChanges
    package let policy: IntakePolicy
    private let probe: any PictureProbe
    let previewer: any PicturePreviewer
    let urlRules: any URLRules
    let now: @Sendable () -> Timestamp
    private let recentFiles = RecentFiles()
    let logger: Logger

    package init(
        store: any JobStore, queue: any JobQueue, storage: any ObjectStorage, scratch: any ScratchSpace,
        probe: any PictureProbe, previewer: any PicturePreviewer, urlRules: any URLRules, changes: JobChanges,
        policy: IntakePolicy,
        logger: Logger = Logger(label: "tintype"), now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.store = store
        self.queue = queue
        self.storage = storage
        self.scratch = scratch
        self.probe = probe
        self.previewer = previewer
        self.urlRules = urlRules
        self.changes = changes
        self.policy = policy
        self.logger = logger
        self.now = now
    }
}

/// What is taken in, and for how long it is kept.
package struct IntakePolicy: Sendable {
    /// Extensions as configured, lower case; see ``ImageFormat/init(name:)`` for what each means.
    package var allowedExtensions: [String]
    /// How long files and results are kept.
    package var retention: Duration
    /// Width times height of a result, in pixels.
    package var maxOutputPixels: Int
    /// The longer side of a result, in pixels.
    package var maxOutputSide: Int
    /// Names what describes pictures, and how: descriptions by another are others.
    package var describer: String
    /// Whether the operator is told of the end of what names nobody itself.
    package var tellsOperator: Bool

    package init(
        allowedExtensions: [String], retention: Duration, maxOutputPixels: Int, maxOutputSide: Int, describer: String,
        tellsOperator: Bool = false
    ) {
        self.allowedExtensions = allowedExtensions
        self.retention = retention
        self.maxOutputPixels = maxOutputPixels
        self.maxOutputSide = maxOutputSide
        self.describer = describer
        self.tellsOperator = tellsOperator
    }
}

/// Why the intake refused something: always the request's fault.
package enum IntakeError: Error, Hashable, Sendable {
    /// A file of no bytes.
    case emptyFile(name: String)
    /// The name's extension is not in the configured list.
    case extensionNotAllowed(name: String, allowed: [String])
    /// The bytes are of another format than the name says, or of one that is not allowed; `found` is `nil` for none we know.
    case formatMismatch(name: String, found: ImageFormat?)
    /// The picture itself will not do.
    case picture(PictureError)
    case plan(PlanError)
    /// The picture's URL names a place that may not be asked.
    case forbiddenURL
    /// So does the webhook's.
    case forbiddenWebhookURL
}

// MARK: - Files

extension Intake {
    /// Takes in an upload that was received whole.
    ///
    /// - Parameters:
    ///   - upload: its file may be gone from the scratch space afterwards.
    ///   - name: what the client calls it; decides with the bytes what it is.
    /// - Throws: ``IntakeError``, ``JobStoreError``, ``ObjectStorageError``.
    package func accept(_ upload: ReceivedFile, named name: String) async throws -> StoredFile {
        let picture = try await inspect(upload, named: name)
        let id = FileID(at: now())
        let key = BlobKey.original(id)
        try await storage.put(upload.bytes, as: key)
        let file = StoredFile(
            id: id, name: name, format: picture.format, size: picture.size, byteCount: upload.byteCount,
            sha256: upload.sha256, blob: key, createdAt: now(), expiresAt: now() + policy.retention)
        let stored: StoredFile
        do {
            stored = try await store.insert(file)
        } catch let error as JobStoreError {
            // Where the store did not answer in time it may have recorded the file all the same: the bytes stay, and the
            // orphan sweep finds out. Otherwise nobody will ask for them.
            if case .unavailable = error {} else { try? await storage.delete(key) }
            throw error
        }
        if stored.blob != key {
            try await heal(stored, with: key)
            try? await storage.delete(key)
        }
        recentFiles.add(stored)
        Measures.received(byteCount: stored.byteCount)
        return stored
    }

    /// Puts the bytes of a duplicate where those of the first should be, where they are not: somebody deleted them, or a
    /// disk lost their end. Every file and job that refers to them is well again by that.
    private func heal(_ stored: StoredFile, with copy: BlobKey) async throws {
        if try await storage.byteCount(of: stored.blob) == stored.byteCount { return }
        logger.warning("bytes were lost, and came again", metadata: [LogKey.fileID: "\(stored.id)"])
        // The copy is of no use under its own key, so that it may be taken away.
        try await storage.withLocalFile(copy) { try await storage.put($0, as: stored.blob) }
    }

    private func inspect(_ upload: ReceivedFile, named name: String) async throws -> ProbedPicture {
        guard upload.byteCount > 0 else { throw IntakeError.emptyFile(name: name) }
        let declared = try declaredFormat(of: name)
        let picture: ProbedPicture
        do {
            picture = try await probe.probe(upload.bytes)
        } catch PictureError.unknownFormat {
            throw IntakeError.formatMismatch(name: name, found: nil)
        } catch let error as PictureError {
            throw IntakeError.picture(error)
        }
        let isAllowed = policy.allowedExtensions.contains { ImageFormat(name: $0) == picture.format }
        guard isAllowed, declared == nil || declared == picture.format else {
            throw IntakeError.formatMismatch(name: name, found: picture.format)
        }
        return picture
    }

    /// The format that a file's name promises; `nil` where it has no extension, and its bytes decide alone.
    ///
    /// - Throws: ``IntakeError/extensionNotAllowed(name:allowed:)``.
    package func declaredFormat(of name: String) throws(IntakeError) -> ImageFormat? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let last = parts.last, !last.isEmpty else { return nil }
        guard policy.allowedExtensions.contains(last.lowercased()), let format = ImageFormat(name: last) else {
            throw .extensionNotAllowed(name: name, allowed: policy.allowedExtensions)
        }
        return format
    }

    /// Deletes a file, its jobs and their results.
    package func delete(_ file: FileID) async throws {
        let (canceled, heirs) = try await store.deleteFile(file)
        changes.announce(canceled)
        if !canceled.isEmpty { changes.webhookBell.ring() }
        await queue.ring(for: heirs, orLogTo: logger)
    }
}

/// An upload that was received whole.
package struct ReceivedFile: Sendable {
    package let bytes: LocalBytes
    package let byteCount: Int
    package let sha256: ContentDigest

    package init(bytes: LocalBytes, byteCount: Int, sha256: ContentDigest) {
        self.bytes = bytes
        self.byteCount = byteCount
        self.sha256 = sha256
    }
}

// MARK: - Jobs

extension Intake {
    /// Has a plan applied to an upload.
    ///
    /// - Throws: ``IntakeError/plan(_:)`` where the plan cannot apply to this picture, ``PlanFileError``,
    ///   ``IntakeError/forbiddenWebhookURL``, ``JobStoreError``.
    package func submit(
        _ plan: Plan, for id: FileID, on terms: SubmissionTerms, key: IdempotencyKey? = nil
    ) async throws -> Submission {
        let known = recentFiles[id]
        let file = if let known { known } else { try await store.file(id) }
        try check(plan, for: file)
        let cacheKey = CacheKey(source: file.sha256, plan: plan, files: try await store.files(of: plan))
        return try await record(
            Job(
                id: JobID(at: now()), file: file, plan: plan, cacheKey: cacheKey, publicURL: terms.publicURL,
                priority: terms.priority, createdAt: now()),
            on: terms, key: key)
    }

    /// Has a plan applied to what a URL names when the job runs.
    ///
    /// - Throws: ``IntakeError/forbiddenURL`` where that shows already, ``PlanFileError``,
    ///   ``IntakeError/forbiddenWebhookURL``, ``JobStoreError``.
    package func submit(
        _ plan: Plan, forPictureAt url: SourceURL, on terms: SubmissionTerms, key: IdempotencyKey? = nil
    ) async throws -> Submission {
        guard urlRules.allows(url) else { throw IntakeError.forbiddenURL }
        _ = try await store.files(of: plan)
        let id = JobID(at: now())
        return try await record(
            Job(
                id: id, source: .url("\(url)"), task: .develop(plan), cacheKey: CacheKey(alone: id),
                publicURL: terms.publicURL, priority: terms.priority, createdAt: now()),
            on: terms, key: key)
    }

    /// Has an upload described.
    ///
    /// - Throws: ``IntakeError/forbiddenWebhookURL``, ``JobStoreError``.
    package func submitDescription(
        of file: StoredFile, on terms: SubmissionTerms, key: IdempotencyKey? = nil
    ) async throws -> Submission {
        try await record(
            Job(
                id: JobID(at: now()), source: .file(file.id, file.blob), task: .describe,
                cacheKey: CacheKey(source: file.sha256, describer: policy.describer), publicURL: terms.publicURL,
                priority: terms.priority, createdAt: now()),
            on: terms, key: key)
    }

    private func record(_ job: Job, on terms: SubmissionTerms, key: IdempotencyKey?) async throws -> Submission {
        var job = job
        job.webhookURL = try webhookURL(for: terms)
        let submission = try await store.submit(job, key: key)
        if case .accepted(let job) = submission {
            Measures.submitted(isCached: job.isCached)
            if job.state == .queued { await queue.ring(for: [job.ready], orLogTo: logger) }
            if job.state.isFinal, job.webhookURL != nil { changes.webhookBell.ring() }
        }
        return submission
    }

    /// Who is told of the end; see ``Receiver``. Submissions ask; so may whoever would not store a file for nothing.
    package func webhookURL(for terms: SubmissionTerms) throws(IntakeError) -> String? {
        guard let url = terms.webhookURL else { return policy.tellsOperator ? Receiver.operators : nil }
        guard urlRules.allows(url) else { throw .forbiddenWebhookURL }
        return "\(url)"
    }

    func check(_ plan: Plan, for file: StoredFile) throws(IntakeError) {
        // The file's size is that of its first page.
        guard plan.output.page == 1 else { return }
        do throws(PlanError) {
            // Where only the picture itself shows it, whoever develops it will see.
            guard let size = try plan.outputSize(of: file.size) else { return }
            guard max(size.width, size.height) <= policy.maxOutputSide, size.area <= policy.maxOutputPixels else {
                throw .impossible(
                    parameter: "operations",
                    detail: "the result would be \(size) pixels; a side may have \(policy.maxOutputSide) and all "
                        + "together \(policy.maxOutputPixels)")
            }
        } catch {
            throw .plan(error)
        }
    }

    /// - Throws: ``JobStoreError``.
    package func cancel(_ id: JobID) async throws -> Job {
        let (job, heir) = try await store.cancel(id, expiresAt: now() + policy.retention)
        changes.announce([id])
        if job.webhookURL != nil || job.batch != nil { changes.webhookBell.ring() }
        if let heir { await queue.ring(for: [heir], orLogTo: logger) }
        return job
    }

    /// - Throws: ``JobStoreError``.
    package func retry(_ id: JobID) async throws -> Job {
        let job = try await store.retryFailed(id)
        changes.announce([id])
        switch job.line {
        case .pictures: await queue.ring(for: [job.ready], orLogTo: logger)
        case .deliveries: changes.webhookBell.ring()
        }
        return job
    }

    /// Waits until `condition` holds of a job, or the time is up, and returns the job as it then is.
    ///
    /// - Throws: ``JobStoreError``, `CancellationError`.
    package func job(
        _ id: JobID, waiting limit: Duration, until condition: @Sendable (Job) -> Bool
    ) async throws -> Job {
        try await changes.watching(id) { bell in
            let deadline = ContinuousClock.now + limit
            while true {
                let job = try await store.job(id)
                let left = ContinuousClock.now.duration(to: deadline)
                if condition(job) || left <= .zero { return job }
                await bell.wait(atMost: min(left, changes.interval))
                try Task.checkCancellation()
            }
        }
    }
}
