import Imaging
import Jobs

extension Job {
    /// The body of `GET /jobs/{id}`: the status, and what an operator wants to know beyond it.
    var story: JSON {
        guard case .object(var members) = json else { return json }
        let waited = tries.list.first.flatMap { $0.fence == 1 ? $0.startedAt : nil } ?? (fence == 1 ? startedAt : nil)
        members += [
            ("output", plan.map { JSON($0.json.outputMember) } ?? .null), ("crashes", .integer(crashes)),
            ("fence", .integer(fence)),
            ("waited_seconds", JSON(rounding: waited.map { max(0, ($0 - createdAt).seconds) })),
            ("run_at", JSON(state == .queued ? runAt : nil)), ("expires_at", JSON(expiresAt)), ("worker", JSON(worker)),
            ("webhook", .bool(webhookURL != nil)), ("tries", .array(tries.list.map(\.json))),
        ]
        if case .deliver(let delivery) = task { members.append(("body", .string(delivery.body))) }
        return .object(members)
    }
}

extension JSONValue {
    fileprivate var outputMember: JSONValue {
        if case .object(let members) = self { members["output"] ?? .null } else { .null }
    }
}

extension Try {
    fileprivate var json: JSON {
        [
            "fence": .integer(fence), "worker": JSON(worker), "host": .string(host), "started_at": JSON(startedAt),
            "seconds": JSON(rounding: duration.seconds), "outcome": .string(outcome.rawValue),
            "error": failure?.json ?? .null, "timings": timings?.json ?? .null,
        ]
    }
}

extension Timings {
    fileprivate var json: JSON {
        [
            "fetch": JSON(microseconds: fetch), "decode": JSON(microseconds: decode),
            "operations": JSON(microseconds: operations), "encode": JSON(microseconds: encode),
            "put": JSON(microseconds: put),
        ]
    }
}
