import Imaging
package import Jobs

extension SQLJobStore {
    package func submit(_ job: Job, key: IdempotencyKey?) async throws -> Submission {
        switch try await submissions(NewJob(job: job, task: job.taskText, key: key)) {
        case .accepted(let job, _): .accepted(job)
        case .repeated(let row): .repeated(try row.parsed())
        }
    }

    /// What was submitted at the same time is recorded in one step.
    static func submissions(to database: any SQLDatabase) -> Gathering<NewJob, TakenJob> {
        // Of two with one key the second is to find the first.
        Gathering(by: { $0.key?.key }) { newJobs in
            try await database.write { try $0.submit(newJobs) }
        }
    }

    package func retryFailed(_ id: JobID) async throws -> Job {
        try await database.write { connection in
            let dialect = connection.dialect
            let rows = try connection.query("SELECT \(JobRow.columns) FROM jobs WHERE id = ?\(dialect.locking)", id)
            guard var row = try rows.first.map(JobRow.init) else { throw try connection.absence(of: id) }
            guard row.job.state == .failed else { throw JobStoreError.notFailed(row.job.state) }
            // A failed job does not keep its source.
            let found = try connection.query(
                each: Prospects.statements(for: [row.job.cacheKey], dialect) + [
                    SQLStatement("SELECT 1 FROM blobs WHERE blob_key = ?\(dialect.locking)", row.job.source.blob)
                ])
            var prospects = try Prospects(found)
            guard
                row.job.source.blob == nil || !found[2].isEmpty || prospects.cached[row.job.cacheKey] != nil
            else {
                throw JobStoreError.sourceGone
            }
            var counts = Counts()
            counts.reopen(row.job.batch)
            let place = try connection.begin(
                &row.job, in: &prospects, keptUntil: row.job.expiresAt ?? connection.now, &counts)
            try connection.update(row.job, at: place)
            try connection.hurry(place, row.job.line)
            try counts.write(to: connection)
            // It will end once more.
            try connection.executeLater(
                "UPDATE jobs SET webhook_owed = 1 WHERE id = ? AND webhook_url IS NOT NULL", row.job.id)
            if let batch = row.job.batch {
                try connection.executeLater(
                    "UPDATE batches SET webhook_owed = 1 WHERE id = ? AND webhook_url IS NOT NULL", batch)
            }
            return row
        }.parsed()
    }
}

/// A job that is to be recorded, with the text of its task.
struct NewJob: Sendable {
    var job: Job
    let task: String
    let key: IdempotencyKey?
}

/// A ``Submission`` before its task is read.
enum TakenJob: Sendable {
    /// Whether it is ready: neither done already nor following another.
    case accepted(Job, isReady: Bool)
    case repeated(JobRow)
}

extension SQLConnection {
    /// Records jobs, each of which may be refused for itself. No two of them have one key.
    func submit(_ newJobs: [NewJob]) throws -> [Result<TakenJob, any Error>] {
        if newJobs.isEmpty { return [] }
        let cacheKeys = Set(newJobs.map(\.job.cacheKey)).sorted { $0.description < $1.description }
        let found = try query(
            lists: [
                .jobs(madeWith: newJobs.compactMap(\.key)), .files(Set(newJobs.compactMap(\.job.source.file)), dialect),
            ] + Prospects.statements(for: cacheKeys, dialect).map { [$0] })
        let known = try found[0].keyed(by: String.self)
        let expiries = try found[1].keyed(by: FileID.self)
        var prospects = try Prospects(Array(found[2...]))
        var counts = Counts()
        var accepted: [(new: NewJob, place: Place)] = []
        let answers = try newJobs.map { new -> Result<TakenJob, any Error> in
            if let key = new.key, let columns = known[key.key] {
                return Result { .repeated(try JobRow(columns, madeWith: key)) }
            }
            var new = new
            var keptUntil = try now
            if let file = new.job.source.file {
                guard var columns = expiries[file] else { return .failure(try absence(of: file)) }
                keptUntil = try columns.next()
            }
            let place = try begin(&new.job, in: &prospects, keptUntil: keptUntil, &counts)
            accepted.append((new, place))
            return .success(.accepted(new.job, isReady: place.readyAt(new.job) != nil))
        }
        try executeLater(
            each: .inserting(
                accepted.map { $0.new.job.values(task: $0.new.task, at: $0.place) },
                into: "jobs (\(JobRow.submittedColumns), kind, webhook_owed, lead_key, leader_id)"))
        for (new, place) in accepted { try hurry(place, new.job.line) }
        try executeLater(
            each: .inserting(
                accepted.compactMap { new, _ in
                    new.key.map { [$0.key.sqlValue, $0.fingerprint.sqlValue, new.job.id.sqlValue] }
                }, into: "idempotency_keys (idempotency_key, fingerprint, made_job_id)"))
        try counts.write(to: self)
        return answers
    }
}

extension [SQLStatement] {
    fileprivate static func jobs(madeWith keys: [IdempotencyKey]) -> [SQLStatement] {
        .naming(
            keys.map(\.key),
            in: """
                SELECT idempotency_key, fingerprint, \(JobRow.columns) FROM idempotency_keys
                LEFT JOIN jobs ON jobs.id = made_job_id WHERE idempotency_key IN
                """)
    }

    fileprivate static func files(_ ids: Set<FileID>, _ dialect: SQLDialect) -> [SQLStatement] {
        .naming(
            ids.sorted(), in: "SELECT id, expires_at FROM files WHERE id IN", ending: " ORDER BY id\(dialect.locking)")
    }
}

extension JobRow {
    /// Reads from the fingerprint on.
    fileprivate init(_ columns: Columns, madeWith key: IdempotencyKey) throws {
        var columns = columns
        guard try columns.next() == key.fingerprint else { throw JobStoreError.idempotencyKeyReused }
        try self.init(&columns)
    }
}

/// What there is for results; all locked.
private struct Prospects {
    /// The unfinished jobs that work for them.
    var leaders: [CacheKey: JobID] = [:]
    var cached: [CacheKey: (result: JobResult, expiresAt: Timestamp)] = [:]

    /// The leaders are asked for first: one publishes its result before it ceases to lead, so that one of the two is seen.
    /// Where another begins to lead after that, only one of them can be recorded (`lead_key` is unique).
    ///
    /// - Parameter keys: at most as many as one statement names.
    static func statements(for keys: [CacheKey], _ dialect: SQLDialect) -> [SQLStatement] {
        // In the order of their ids like all steps that lock jobs, but as they are found: by the index of the ids a planner
        // that knows nothing of the table yet would go through all of it.
        .naming(
            keys, in: "SELECT lead_key, id FROM jobs WHERE lead_key IN", ending: " ORDER BY id || ''\(dialect.locking)")
            + .naming(
                keys,
                in:
                    "SELECT cache_key, blob_key, format, width, height, byte_count, facts, expires_at FROM results WHERE cache_key IN",
                ending: " ORDER BY cache_key\(dialect.locking)")
    }

    /// - Parameter rows: the answers to these statements, and perhaps to others after them.
    init(_ rows: [[SQLRow]]) throws {
        for row in rows[0] {
            var columns = Columns(row)
            leaders[try columns.next()] = try columns.next(JobID.self)
        }
        for row in rows[1] {
            var columns = Columns(row)
            let key = try columns.next(CacheKey.self)
            cached[key] = try columns.nextResult().map { ($0, try columns.next()) }
        }
    }
}

/// How an unfinished job comes to its result.
private enum Place {
    /// There is one already.
    case done
    /// By its own work, and others may wait for it.
    case leading
    /// By that of another.
    case following(JobID)
}

extension SQLConnection {
    /// Puts a job at its beginning, or at once at its end, and counts what it keeps.
    ///
    /// - Parameter keptUntil: how long the job stays where it is done at once, if not as long as the result it takes.
    fileprivate func begin(
        _ job: inout Job, in prospects: inout Prospects, keptUntil: Timestamp, _ counts: inout Counts
    ) throws -> Place {
        let now = try now
        job.progress = 0
        job.attempts = 0
        job.crashes = 0
        job.runAt = now
        (job.startedAt, job.finishedAt, job.failure, job.expiresAt) = (nil, nil, nil, nil)
        if let (result, expiresAt) = prospects.cached[job.cacheKey] {
            counts.keep(result.blob)
            counts.end(job.batch, as: .done)
            (job.state, job.progress, job.result, job.isCached) = (.done, 1, result, true)
            (job.finishedAt, job.expiresAt) = (now, max(keptUntil, expiresAt))
            return .done
        }
        counts.keep(job.source.blob)
        (job.state, job.result, job.isCached) = (.queued, nil, false)
        if let leader = prospects.leaders[job.cacheKey] { return .following(leader) }
        prospects.leaders[job.cacheKey] = job.id
        return .leading
    }

    /// Lets a leader go no later than whoever waits for it.
    fileprivate func hurry(_ place: Place, _ line: Line) throws {
        guard let leader = place.leader else { return }
        try executeLater(
            "UPDATE jobs SET priority = ? WHERE id = ? AND priority > ? AND ready_at IS NOT NULL", line, leader, line)
    }

    fileprivate func update(_ job: Job, at place: Place) throws {
        try executeLater(
            """
            UPDATE jobs SET state = ?, progress = ?, attempts = 0, crashes = 0, ready_at = ?, started_at = NULL,
                finished_at = ?, failure_code = NULL, failure_message = NULL, failure_is_retryable = NULL,
                result_key = ?, result_format = ?, result_width = ?, result_height = ?, result_byte_count = ?,
                result_facts = ?, is_cached = ?, expires_at = ?, lead_key = ?, leader_id = ?
            WHERE id = ?
            """,
            job.state, job.progress, place.readyAt(job), job.finishedAt, job.result?.blob,
            job.result?.content.formatColumn, job.result?.content.sizeColumns?.width,
            job.result?.content.sizeColumns?.height, job.result?.byteCount, job.result?.factsColumn, job.isCached,
            job.expiresAt,
            place.leadKey(job), place.leader, job.id)
    }
}

extension Job {
    /// Of ``JobRow/columns``, `kind`, `webhook_owed`, `lead_key` and `leader_id`; no failure.
    fileprivate func values(task: String, at place: Place) -> [SQLValue] {
        let values: [(any SQLStorable)?] = [
            id, source.file, source.blob, task, cacheKey, publicURL, line, createdAt, state, progress, attempts,
            crashes, fence, place.readyAt(self), startedAt, finishedAt, nil, nil, nil, result?.blob,
            result?.content.formatColumn,
            result?.content.sizeColumns?.width, result?.content.sizeColumns?.height, result?.byteCount,
            result?.factsColumn, isCached, expiresAt, batch, webhookURL, self.task.kind, webhookURL.map { _ in 1 },
            place.leadKey(self), place.leader,
        ]
        return values.map { $0?.sqlValue ?? .null }
    }
}

extension Place {
    fileprivate func readyAt(_ job: Job) -> Timestamp? {
        switch self {
        case .leading: job.runAt
        case .done, .following: nil
        }
    }

    fileprivate func leadKey(_ job: Job) -> CacheKey? {
        switch self {
        case .leading: job.cacheKey
        case .done, .following: nil
        }
    }

    fileprivate var leader: JobID? {
        switch self {
        case .following(let leader): leader
        case .done, .leading: nil
        }
    }
}
