package import Jobs

extension RedisJobStore {
    package func record(_ slot: HistorySlot) async throws {
        _ = try await run(
            .record,
            [RedisArgument(slot.start), RedisArgument(HistorySlot.retention)]
                + slot.amounts.flatMap { [.text($0.name), .integer($0.value), $0.isPeak ? 1 : 0] })
    }

    package func history(since time: Timestamp) async throws -> [HistorySlot] {
        var reply = try await run(
            .history, RedisArgument(HistorySlot(containing: time).start), RedisArgument(HistorySlot.length))
        return try reply.next().asList().compactMap { value in
            let list = try value.asList()
            guard list.count > 1 else { return nil }
            var slot = HistorySlot(start: try list[0].asTimestamp())
            for index in stride(from: 1, to: list.count - 1, by: 2) {
                slot.set(try list[index].asText(), Int(try list[index + 1].asNumber()))
            }
            return slot.start < time ? nil : slot
        }
    }
}
