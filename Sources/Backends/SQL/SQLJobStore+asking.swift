import Imaging
package import Jobs

extension SQLJobStore {
    package func job(_ id: JobID) async throws -> Job {
        try await database.read { connection in
            let rows = try connection.query("SELECT \(JobRow.columns) FROM jobs WHERE id = ?", id)
            guard let row = rows.first else { throw try connection.absence(of: id) }
            return try JobRow(row)
        }.parsed()
    }

    package func jobs(_ ids: [JobID]) async throws -> [Job] {
        try await database.read { connection in
            try connection.query(each: .naming(ids, in: "SELECT \(JobRow.columns) FROM jobs WHERE id IN"))
                .joined().map(JobRow.init)
        }.map { try $0.parsed() }
    }

    package func jobs(_ filter: JobFilter, after cursor: JobID?, limit: Int) async throws -> [Job] {
        try await database.read { connection in
            let pages = filter.stretches.map { stretch in
                let (place, values) = newestFirst(after: cursor, where: stretch, limit: limit)
                return SQLStatement(text: "SELECT \(JobRow.columns) FROM jobs\(place)", values: values)
            }
            let rows = try connection.query(each: pages).joined().map(JobRow.init)
            return pages.count == 1 ? rows : Array(rows.sorted { $0.job.id > $1.job.id }.prefix(limit))
        }.map { try $0.parsed() }
    }

    package func figures() async throws -> QueueFigures {
        try await database.read { connection in
            let now = try connection.now
            let since = now - .seconds(10)
            // An id begins with the time it was made at, so that the new ones are a stretch of the primary key.
            // Where there are more, it is only of interest that they are many; and the answer must come soon.
            func few(_ condition: String) -> String {
                "(SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE \(condition) LIMIT \(mostCounted)) AS few)"
            }
            let rows = try connection.query(
                """
                SELECT \(few("priority IN (0, 1, 2) AND ready_at <= ?")),
                    \(few("priority IN (0, 1, 2) AND ready_at > ?")),
                    (SELECT COUNT(*) FROM jobs WHERE lease_until IS NOT NULL AND priority < 3),
                    \(few("state = 'failed'")),
                    (SELECT MIN(oldest) FROM (
                        SELECT MIN(ready_at) AS oldest FROM jobs WHERE priority = 0 AND ready_at <= ?
                        UNION ALL SELECT MIN(ready_at) FROM jobs WHERE priority = 1 AND ready_at <= ?
                        UNION ALL SELECT MIN(ready_at) FROM jobs WHERE priority = 2 AND ready_at <= ?) AS classes),
                    (SELECT COUNT(*) FROM jobs WHERE id >= ?),
                    (SELECT COUNT(*) FROM jobs WHERE finished_at >= ? AND state = 'done'),
                    EXISTS (SELECT 1 FROM pauses WHERE id = 1)
                """, now, now, now, now, now, JobID(earliestAt: since), since)
            var columns = Columns(rows[0])
            var figures = QueueFigures()
            figures.depth = try columns.next()
            figures.delayed = try columns.next()
            figures.inProgress = try columns.next()
            figures.dead = try columns.next()
            figures.oldestSeconds = try columns.next(optional: Timestamp.self).map { (now - $0).seconds } ?? 0
            figures.enqueuedPerSecond = try columns.next(Double.self) / 10
            figures.donePerSecond = try columns.next(Double.self) / 10
            figures.isPaused = try columns.next()
            return figures
        }
    }
}

extension JobFilter {
    /// What it lets through, each a stretch of an index in the order of the ids.
    fileprivate var stretches: [[(text: String, value: any SQLStorable)?]] {
        let batch = batch.map { (text: "batch_id = ?", value: $0 as any SQLStorable) }
        let states = state.map { [$0] } ?? Job.State.allCases
        let kinds = kind.map { [$0] } ?? JobKind.allCases
        // A batch has an index of its own, and all jobs have the table's.
        guard batch == nil, state != nil || kind != nil else {
            return [[batch, state.map { ("state = ?", $0) }, kind.map { ("kind = ?", $0) }]]
        }
        return states.flatMap { state in kinds.map { [("state = ?", state), ("kind = ?", $0)] } }
    }
}

/// How many jobs of one kind are counted.
private let mostCounted = 100_000
