package import Jobs

extension RedisJobStore {
    package func cancel(_ id: JobID, expiresAt: Timestamp) async throws -> (job: Job, heir: ReadyJob?) {
        var reply = try await run(.cancel, RedisArgument(id), RedisArgument(expiresAt))
        return (try Job(reply.next().asFields()), try reply.next().asReadyJobs().first)
    }
}
