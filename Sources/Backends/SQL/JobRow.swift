import Imaging
import Jobs

/// A row of `jobs`, whose task is still text: parsing it costs more than the statement, and a step holds up others.
struct JobRow: Sendable {
    /// All but the task, and the URL where there is no file.
    var job: Job
    private let task: String

    /// What ``init(_:)`` reads, in its order.
    static let columns = submittedColumns + ", worker_id, tries"

    /// Those of a job on which nobody has worked.
    static let submittedColumns = """
        id, file_id, source_key, task, cache_key, public_url, priority, created_at, state, progress, attempts, crashes, \
        fence, ready_at, started_at, finished_at, failure_code, failure_message, failure_is_retryable, result_key, \
        result_format, result_width, result_height, result_byte_count, result_facts, is_cached, expires_at, batch_id, webhook_url
        """

    init(_ row: SQLRow) throws {
        var columns = Columns(row)
        try self.init(&columns)
    }

    init(_ columns: inout Columns) throws {
        let id = try columns.next(JobID.self)
        let file = try columns.next(optional: FileID.self)
        let source = try columns.next(optional: BlobKey.self)
        task = try columns.next()
        job = Job(
            id: id, source: file.flatMap { file in source.map { .file(file, $0) } } ?? .url(""), task: .describe,
            cacheKey: try columns.next(), publicURL: try columns.next(),
            priority: try columns.next(Line.self).priority ?? .normal,
            createdAt: try columns.next())
        job.state = try columns.next()
        job.progress = try columns.next()
        job.attempts = try columns.next()
        job.crashes = try columns.next()
        job.fence = try columns.next()
        job.runAt = try columns.next(optional: Timestamp.self) ?? job.createdAt
        job.startedAt = try columns.next(optional: Timestamp.self)
        job.finishedAt = try columns.next(optional: Timestamp.self)
        job.failure = try columns.nextFailure()
        job.result = try columns.nextResult()
        job.isCached = try columns.next()
        job.expiresAt = try columns.next(optional: Timestamp.self)
        job.batch = try columns.next(optional: BatchID.self)
        job.webhookURL = try columns.next(optional: String.self)
        job.worker = try columns.next(optional: WorkerID.self)
        if let tries = try columns.next(optional: Tries.self) { job.tries = tries }
    }

    func parsed() throws -> Job {
        var job = job
        let content = try TaskTexts.shared.content(task)
        job.task = content.task
        if let url = content.url { job.source = .url(url) }
        return job
    }
}

extension Columns {
    fileprivate mutating func nextFailure() throws -> JobFailure? {
        let code = try next(optional: String.self)
        let message = try next(optional: String.self)
        let isRetryable = try next(optional: Bool.self)
        return code.map { JobFailure(code: $0, message: message ?? "", isRetryable: isRetryable ?? false) }
    }

    /// Six columns: the blob, its format, width, height and size in bytes, and the facts.
    mutating func nextResult() throws -> JobResult? {
        guard let blob = try next(optional: BlobKey.self) else {
            skip(5)
            return nil
        }
        let format = try next(String.self)
        let (width, height) = (try next(optional: Int.self), try next(optional: Int.self))
        return JobResult(
            blob: blob, content: try JobResult.Content(format: format, width: width, height: height),
            byteCount: try next(), facts: [Fact](text: try next(optional: String.self) ?? ""))
    }
}

/// As three columns.
extension JobResult.Content {
    fileprivate init(format: String, width: Int?, height: Int?) throws {
        switch (ImageFormat(rawValue: format), width, height) {
        case (let format?, let width?, let height?): self = .picture(format, Size(width: width, height: height))
        case (nil, nil, nil) where format == Self.descriptionFormat: self = .description
        default: throw UnreadableContent(format: format)
        }
    }

    private static var descriptionFormat: String { "json" }

    var formatColumn: String {
        switch self {
        case .picture(let format, _): format.rawValue
        case .description: Self.descriptionFormat
        }
    }

    /// In pixels; `nil` where it is no picture.
    var sizeColumns: Size? {
        switch self {
        case .picture(_, let size): size
        case .description: nil
        }
    }
}

/// A result of a kind that this version does not know.
struct UnreadableContent: Error, Hashable {
    let format: String
}

extension JobResult {
    /// NULL where there are none.
    var factsColumn: String? { facts.isEmpty ? nil : facts.text }
}
