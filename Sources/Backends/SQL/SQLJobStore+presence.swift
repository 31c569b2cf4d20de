package import Jobs

extension SQLJobStore {
    @discardableResult
    package func announce(_ worker: WorkerPresence) async throws -> Orders {
        let columns = [worker.host.sqlValue, worker.slots.sqlValue, worker.busy.sqlValue, worker.version.sqlValue]
        let values = columns + [StoreClock.now.sqlValue, worker.id.sqlValue]
        let found = try await database.update { connection in
            try connection.execute(
                "UPDATE workers SET host = ?, slots = ?, busy = ?, version = ?, seen_at = ? WHERE id = ?", with: values)
        }
        if found > 0 { return try await orders(for: worker.id) }
        _ = try await database.update { connection in
            try connection.execute(
                "INSERT INTO workers (host, slots, busy, version, seen_at, id) VALUES (?, ?, ?, ?, ?, ?)", with: values)
        }
        try await removeWorkersLongGone()
        return try await orders(for: worker.id)
    }

    private func orders(for worker: WorkerID) async throws -> Orders {
        try await database.read { connection in
            let rows = try connection.query(
                "SELECT EXISTS (SELECT 1 FROM pauses WHERE id = 1), is_draining FROM workers WHERE id = ?", worker)
            guard let row = rows.first else { return Orders() }
            var columns = Columns(row)
            return Orders(isPaused: try columns.next(), isDraining: try columns.next())
        }
    }

    /// Looks without locking first: a deletion by age would wait for every worker that announces itself.
    private func removeWorkersLongGone() async throws {
        let gone = try await database.read { connection in
            try connection.query("SELECT id FROM workers WHERE seen_at < ?", StoreClock.now - longGone).map { row in
                var columns = Columns(row)
                return try columns.next(WorkerID.self)
            }
        }
        if gone.isEmpty { return }
        _ = try await database.update { connection in
            try connection.execute(each: .naming(gone, in: "DELETE FROM workers WHERE id IN"))
        }
    }

    package func withdraw(_ worker: WorkerID) async throws {
        _ = try await database.update { connection in
            try connection.execute("DELETE FROM workers WHERE id = ?", worker)
        }
    }

    package func workers(seenWithin age: Duration) async throws -> [WorkerPresence] {
        try await database.read { connection in
            try connection.query(
                "SELECT id, host, slots, busy, version, seen_at, is_draining FROM workers WHERE seen_at >= ? ORDER BY id",
                StoreClock.now - age
            ).map { row in
                var columns = Columns(row)
                var worker = WorkerPresence(
                    id: try columns.next(), host: try columns.next(), slots: try columns.next(),
                    busy: try columns.next(), version: try columns.next(), seenAt: try columns.next())
                worker.isDraining = try columns.next()
                return worker
            }
        }
    }
}

/// A worker not seen for this long has died without a word, and its row goes when another worker begins.
private let longGone = Duration.seconds(3600)
