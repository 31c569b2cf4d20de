import Imaging
import Jobs

/// A row of `jobs`, whose plan is still text: parsing it costs more than the statement, and a step holds up others.
struct JobRow: Sendable {
    /// All but the plan.
    var job: Job
    private let plan: String

    /// What ``init(_:)`` reads, in its order.
    static let columns = """
        id, file_id, source_key, plan, cache_key, public_url, priority, created_at, state, progress, attempts, crashes, \
        fence, ready_at, started_at, finished_at, failure_code, failure_message, failure_is_retryable, result_key, \
        result_format, result_width, result_height, result_byte_count, is_cached, expires_at
        """

    init(_ row: SQLRow) throws {
        var columns = Columns(row)
        try self.init(&columns)
    }

    init(_ columns: inout Columns) throws {
        let id = try columns.next(JobID.self)
        let file = try columns.next(FileID.self)
        let source = try columns.next(BlobKey.self)
        plan = try columns.next()
        job = Job(
            id: id, file: file, source: source, plan: try Self.unreadPlan.get(), cacheKey: try columns.next(),
            publicURL: try columns.next(), priority: try columns.next(), createdAt: try columns.next())
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
    }

    private static let unreadPlan = Result { try Plan(steps: []) }

    /// The job with its plan.
    func parsed() throws -> Job {
        var job = job
        job.plan = try PlanTexts.shared.plan(plan)
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

    /// Five columns: the blob, its format, width, height and size in bytes.
    mutating func nextResult() throws -> JobResult? {
        guard let blob = try next(optional: BlobKey.self) else {
            skip(4)
            return nil
        }
        return JobResult(
            blob: blob, format: try next(), size: Size(width: try next(), height: try next()), byteCount: try next())
    }
}
