package import Jobs

extension RedisJobStore {
    package func cancel(_ id: JobID) async throws -> Job {
        var reply = try await run(.cancel, RedisArgument(id))
        return try Job(reply.next().asFields())
    }
}
