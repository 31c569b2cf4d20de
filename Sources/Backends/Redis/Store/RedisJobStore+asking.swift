package import Jobs

extension RedisJobStore {
    package func job(_ id: JobID) async throws -> Job {
        var reply = try await run(.job, RedisArgument(id))
        return try Job(reply.next().asFields())
    }

    package func jobs(_ ids: [JobID]) async throws -> [Job] {
        var reply = try await run(.theseJobs, ids.map(RedisArgument.init))
        return try reply.next().asList().map { try Job($0.asFields()) }
    }

    package func jobs(_ filter: JobFilter, after cursor: JobID?, limit: Int) async throws -> [Job] {
        var reply: Reply
        if let batch = filter.batch {
            guard filter.kind == nil || filter.kind == .process else { return [] }
            reply = try await run(
                .jobsOfBatch, RedisArgument(batch), .text(filter.state?.rawValue ?? ""),
                .text(cursor?.description ?? ""), .integer(limit))
        } else {
            reply = try await run(
                .jobs, [newestFirst(after: cursor), .integer(limit)] + shelves(of: filter.state, filter.kind))
        }
        return try reply.next().asList().map { try Job($0.asFields()) }
    }

    package func figures() async throws -> QueueFigures {
        var reply = try await run(
            .figures, Priority.allCases.map { RedisArgument(.pictures($0)) } + [","] + shelves(of: nil, nil))
        var figures = QueueFigures()
        figures.depth = try reply.next().asInt()
        figures.delayed = try reply.next().asInt()
        figures.inProgress = try reply.next().asInt()
        figures.dead = try reply.next().asInt()
        figures.oldestSeconds = Duration.milliseconds(try reply.next().asInt()).seconds
        figures.enqueuedPerSecond = Double(try reply.next().asInt()) / 10
        figures.donePerSecond = Double(try reply.next().asInt()) / 10
        figures.isPaused = try reply.next().asInt() == 1
        return figures
    }
}

/// Where such jobs are listed, for scripts.
private func shelves(of state: Job.State?, _ kind: JobKind?) -> [RedisArgument] {
    (kind.map { [$0] } ?? JobKind.allCases).flatMap { kind in
        (state.map { [$0] } ?? Job.State.allCases).map { state in
            .text([state.rawValue, kind.shelf].compactMap(\.self).joined(separator: ":"))
        }
    }
}

extension JobKind {
    /// What a job's field `kind` holds; `nil` for the usual kind, which has none.
    var shelf: String? { self == .process ? nil : rawValue }
}
