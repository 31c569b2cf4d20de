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

    package func jobs(in state: Job.State?, after cursor: JobID?, limit: Int) async throws -> [Job] {
        let states = state.map { [$0] } ?? Job.State.allCases
        var reply = try await run(
            .jobs, [newestFirst(after: cursor), .integer(limit)] + states.map(RedisArgument.init))
        return try reply.next().asList().map { try Job($0.asFields()) }
    }

    package func figures() async throws -> QueueFigures {
        var reply = try await run(
            .figures, Priority.allCases.map(RedisArgument.init) + [","] + Job.State.allCases.map(RedisArgument.init))
        var figures = QueueFigures()
        figures.depth = try reply.next().asInt()
        figures.delayed = try reply.next().asInt()
        figures.inProgress = try reply.next().asInt()
        figures.dead = try reply.next().asInt()
        figures.oldestSeconds = Duration.milliseconds(try reply.next().asInt()).seconds
        figures.enqueuedPerSecond = Double(try reply.next().asInt()) / 10
        figures.donePerSecond = Double(try reply.next().asInt()) / 10
        return figures
    }
}
