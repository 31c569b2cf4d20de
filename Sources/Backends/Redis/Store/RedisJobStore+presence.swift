package import Jobs

extension RedisJobStore {
    @discardableResult
    package func announce(_ worker: WorkerPresence) async throws -> Orders {
        var reply = try await run(
            .announce, RedisArgument(worker.id), .text(worker.host), .integer(worker.slots), .integer(worker.busy),
            .text(worker.version), RedisArgument(longGone))
        return Orders(isPaused: try reply.next().asInt() == 1, isDraining: try reply.next().asInt() == 1)
    }

    package func withdraw(_ worker: WorkerID) async throws {
        _ = try await run(.withdraw, RedisArgument(worker))
    }

    package func workers(seenWithin age: Duration) async throws -> [WorkerPresence] {
        var reply = try await run(.workers, RedisArgument(age))
        return try reply.next().asList().map { value in
            let fields = try value.asFields()
            var worker = WorkerPresence(
                id: try fields["id"].asID(), host: try fields["host"].asText(), slots: try fields["slots"].asInt(),
                busy: try fields["busy"].asInt(), version: try fields["version"].asText(),
                seenAt: try fields["seen"].asTimestamp())
            worker.isDraining = fields.find("drain") != nil
            return worker
        }.sorted { $0.id < $1.id }
    }
}

/// A worker not seen for this long has died without a word, and what is kept of it goes with the next announcement.
private let longGone = Duration.seconds(3600)
