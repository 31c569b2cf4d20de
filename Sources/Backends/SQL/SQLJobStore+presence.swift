package import Jobs

extension SQLJobStore {
    @discardableResult
    package func announce(_ worker: WorkerPresence) async throws -> Orders {
        let values =
            [worker.host.sqlValue, worker.slots.sqlValue, worker.busy.sqlValue, worker.version.sqlValue]
            + [StoreClock.now.sqlValue, worker.id.sqlValue]
        func say(_ text: String) async throws -> Orders? {
            try await database.update { connection in
                // Both in one round trip, where the driver can.
                try connection.executeLater(SQLStatement(text: text, values: values))
                return try connection.orders(for: worker.id)
            }
        }
        let update = "UPDATE workers SET host = ?, slots = ?, busy = ?, version = ?, seen_at = ? WHERE id = ?"
        if let orders = try await say(update) { return orders }
        let orders = try await say(
            "INSERT INTO workers (host, slots, busy, version, seen_at, id) VALUES (?, ?, ?, ?, ?, ?)")
        try await removeWorkersLongGone()
        return orders ?? Orders()
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

extension SQLConnection {
    /// - Returns: `nil` for a worker that has never announced itself.
    fileprivate func orders(for worker: WorkerID) throws -> Orders? {
        let rows = try query(
            "SELECT EXISTS (SELECT 1 FROM pauses WHERE id = 1), is_draining FROM workers WHERE id = ?", worker)
        guard let row = rows.first else { return nil }
        var columns = Columns(row)
        return Orders(isPaused: try columns.next(), isDraining: try columns.next())
    }
}
