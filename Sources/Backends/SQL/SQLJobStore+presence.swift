package import Jobs

extension SQLJobStore {
    package func announce(_ worker: WorkerPresence) async throws {
        try await database.write { connection in
            let now = connection.now
            let changed = try connection.execute(
                "UPDATE workers SET host = ?, slots = ?, busy = ?, version = ?, seen_at = ? WHERE id = ?",
                worker.host, worker.slots, worker.busy, worker.version, now, worker.id)
            if changed == 0 {
                try connection.execute(
                    "INSERT INTO workers (id, host, slots, busy, version, seen_at) VALUES (?, ?, ?, ?, ?, ?)",
                    worker.id, worker.host, worker.slots, worker.busy, worker.version, now)
            }
            try connection.execute("DELETE FROM workers WHERE seen_at < ?", now - longGone)
        }
    }

    package func withdraw(_ worker: WorkerID) async throws {
        try await database.write { connection in
            _ = try connection.execute("DELETE FROM workers WHERE id = ?", worker)
        }
    }

    package func workers(seenWithin age: Duration) async throws -> [WorkerPresence] {
        try await database.read { connection in
            try connection.query(
                "SELECT id, host, slots, busy, version, seen_at FROM workers WHERE seen_at >= ? ORDER BY id",
                connection.now - age
            ).map { row in
                var columns = Columns(row)
                return WorkerPresence(
                    id: try columns.next(), host: try columns.next(), slots: try columns.next(),
                    busy: try columns.next(), version: try columns.next(), seenAt: try columns.next())
            }
        }
    }
}

/// A worker not seen for this long has died without a word, and its row goes with the next announcement.
private let longGone = Duration.seconds(3600)
