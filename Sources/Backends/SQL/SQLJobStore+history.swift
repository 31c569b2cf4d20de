package import Jobs

extension SQLJobStore {
    package func record(_ slot: HistorySlot) async throws {
        let amounts = slot.amounts
        try await database.write { connection in
            // All processes take them in the order of their names.
            let found = try connection.execute(each: amounts.map { .adding($0, to: slot) })
            try connection.executeLater(
                each: .inserting(
                    zip(amounts, found).filter { $0.1 == 0 }.map { amount, _ in
                        [slot.start.sqlValue, amount.name.sqlValue, amount.value.sqlValue]
                    }, into: "history (slot_at, name, amount)"))
        }
        // It is counted, and would be so again if this were its failure.
        try? await removeOldSlots()
    }

    /// Looks without locking first: a deletion by age would wait for all who count.
    private func removeOldSlots() async throws {
        let old = try await database.read { connection in
            try connection.query(
                "SELECT DISTINCT slot_at FROM history WHERE slot_at < ?", StoreClock.now - HistorySlot.retention
            ).map { try $0.only() as Timestamp }
        }
        if old.isEmpty { return }
        _ = try await database.update { connection in
            try connection.execute(each: .naming(old, in: "DELETE FROM history WHERE slot_at IN"))
        }
    }

    package func history(since time: Timestamp) async throws -> [HistorySlot] {
        let rows = try await database.read { connection in
            try connection.query("SELECT slot_at, name, amount FROM history WHERE slot_at >= ? ORDER BY slot_at", time)
        }
        var slots: [HistorySlot] = []
        for row in rows {
            var columns = Columns(row)
            let start = try columns.next(Timestamp.self)
            if slots.last?.start != start { slots.append(HistorySlot(start: start)) }
            slots[slots.count - 1].set(try columns.next(), try columns.next())
        }
        return slots
    }
}

extension SQLStatement {
    fileprivate static func adding(_ amount: HistorySlot.Amount, to slot: HistorySlot) -> SQLStatement {
        let sum = amount.isPeak ? "CASE WHEN amount < ? THEN ? ELSE amount END" : "amount + ?"
        let values = amount.isPeak ? [amount.value, amount.value] : [amount.value]
        return SQLStatement(
            text: "UPDATE history SET amount = \(sum) WHERE slot_at = ? AND name = ?",
            values: values.map(\.sqlValue) + [slot.start.sqlValue, amount.name.sqlValue])
    }
}
