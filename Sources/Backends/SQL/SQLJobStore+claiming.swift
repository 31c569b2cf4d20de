package import Jobs

extension SQLJobStore {
    package func claim(_ request: ClaimRequest, by worker: WorkerID, lease: Duration) async throws -> [Job] {
        let claiming = Claiming(request, by: worker, lease: lease)
        let rows =
            database.dialect.canUpdateInQueries
            ? try await database.update { try claiming.atOnce(on: $0) }
            : try await database.write { try claiming.stepwise(on: $0) }
        // A plan that this version cannot read must not take the others with it: its lease ends, and its crashes end it.
        return rows.compactMap { try? $0.parsed() }
    }
}

/// The two ways to take ready jobs, leaving out those that another takes at this moment.
private struct Claiming: Sendable {
    private let request: ClaimRequest
    private let worker: WorkerID
    private let lease: Duration

    init(_ request: ClaimRequest, by worker: WorkerID, lease: Duration) {
        self.worker = worker
        self.lease = lease
        self.request =
            switch request {
            case .next, .deliveries: request
            // An id that is named twice is one job.
            case .these(let ids): .these(Set(ids).sorted())
            }
    }

    /// The values are the worker, when the job began, and when the lease ends.
    private static let changes = """
        state = 'processing', ready_at = NULL, fence = fence + 1, progress = 0, worker_id = ?, started_at = ?, \
        lease_until = ?
        """
}

// MARK: - In one statement

extension Claiming {
    /// Finds, locks, changes and answers in one round trip.
    func atOnce(on connection: any SQLConnection) throws -> [JobRow] {
        guard let picked = picked(connection.dialect) else { return [] }
        // Picked apart from the update, whose plan might otherwise look for more rows than the limit, and lock them.
        let text = """
            WITH \(picked.text),
            claimed AS (
                UPDATE jobs SET \(Self.changes) FROM picked WHERE jobs.id = picked.picked_id
                RETURNING jobs.*, picked.place, picked.picked_at
            )
            SELECT \(JobRow.columns) FROM claimed ORDER BY place, picked_at, id
            """
        let changes = [worker.sqlValue, StoreClock.now.sqlValue, (StoreClock.now + lease).sqlValue]
        return try connection.query(text, with: picked.values + changes).map(JobRow.init)
    }

    /// The table expression `picked`, and those that it is made of; `nil` where there is nothing to look for.
    private func picked(_ dialect: SQLDialect) -> SQLStatement? {
        switch request {
        case .next(let limit, let preferred):
            return picked(limit, from: preferred.andOthers.map { .pictures($0) }, dialect)
        case .deliveries(let limit):
            return picked(limit, from: [.deliveries], dialect)
        case .these(let ids):
            guard !ids.isEmpty else { return nil }
            let list = SQLList(ids.map(\.sqlValue))
            return SQLStatement(
                text: """
                    picked AS (
                        SELECT id AS picked_id, ready_at AS picked_at, 0 AS place FROM jobs
                        WHERE id IN \(list.text) AND ready_at <= ?\(dialect.lockingFree)
                    )
                    """, values: list.values + [StoreClock.now.sqlValue])
        }
    }

    private func picked(_ limit: Int, from lines: [Line], _ dialect: SQLDialect) -> SQLStatement {
        // Each line on its own, in the index's order; the next one looks for what is left. A limit is written out as
        // well, rounded so that the texts are few: a plan made once for all values then knows how few rows there are,
        // and reads no table for them. No more are locked than are taken.
        let roof = limit.roundedUp(toPowerOf: 2)
        let arms = lines.enumerated().map { place, line in
            let before = (0..<place).map { " - (SELECT COUNT(*) FROM line\($0))" }.joined()
            return SQLStatement(
                """
                line\(place) AS (
                    SELECT * FROM (
                        SELECT id AS picked_id, ready_at AS picked_at, \(place) AS place FROM jobs
                        WHERE priority = ? AND ready_at <= ?
                        ORDER BY ready_at, id LIMIT \(roof)\(dialect.lockingFree)
                    ) AS few LIMIT ?\(before)
                )
                """, line, StoreClock.now, limit)
        }
        let union = arms.indices.map { "SELECT * FROM line\($0)" }.joined(separator: " UNION ALL ")
        return SQLStatement(
            text: "\(arms.map(\.text).joined(separator: ",\n")),\npicked AS (\(union) LIMIT \(roof))",
            values: arms.flatMap(\.values))
    }
}

// MARK: - Step by step

extension Claiming {
    func stepwise(on connection: any SQLConnection) throws -> [JobRow] {
        var rows = try ready(on: connection)
        guard !rows.isEmpty else { return [] }
        // What was ready as it was looked for may have been made a moment after the transaction began.
        let now = rows.reduce(try connection.now) { max($0, $1.job.runAt) }
        try connection.executeLater(
            each: .naming(
                rows.map(\.job.id), in: "UPDATE jobs SET \(Self.changes) WHERE id IN", worker, now, now + lease))
        for index in rows.indices {
            rows[index].job.state = .processing
            rows[index].job.fence += 1
            rows[index].job.progress = 0
            rows[index].job.startedAt = now
            rows[index].job.worker = worker
        }
        return rows
    }

    private func ready(on connection: any SQLConnection) throws -> [JobRow] {
        switch request {
        case .next(let limit, let preferred):
            try ready(limit, from: preferred.andOthers.map { .pictures($0) }, on: connection)
        case .deliveries(let limit):
            try ready(limit, from: [.deliveries], on: connection)
        case .these(let ids):
            try connection.query(
                each: .naming(
                    ids, in: "SELECT \(JobRow.columns) FROM jobs WHERE ready_at <= ? AND id IN", StoreClock.now,
                    ending: connection.dialect.lockingFree)
            ).joined().map(JobRow.init)
        }
    }

    private func ready(_ limit: Int, from lines: [Line], on connection: any SQLConnection) throws -> [JobRow] {
        var rows: [JobRow] = []
        for line in lines where rows.count < limit {
            rows += try connection.query(
                """
                SELECT \(JobRow.columns) FROM jobs WHERE priority = ? AND ready_at <= ?
                ORDER BY ready_at, id LIMIT ?\(connection.dialect.lockingFree)
                """, line, StoreClock.now, limit - rows.count
            ).map(JobRow.init)
        }
        return rows
    }
}
