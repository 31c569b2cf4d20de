package import Jobs

extension RedisJobStore {
    package func cancel(_ id: JobID, expiresAt: Timestamp) async throws -> (job: Job, heir: ReadyJob?) {
        var reply = try await run(.cancel, RedisArgument(id), RedisArgument(expiresAt))
        return (try Job(reply.next().asFields()), try reply.next().asReadyJobs().first)
    }

    package func discardFailed(_ id: JobID) async throws {
        _ = try await run(.discardFailed, RedisArgument(id))
    }

    package func pause(_ isPaused: Bool) async throws {
        _ = try await run(.pause, isPaused ? 1 : 0)
    }

    package func drain(_ worker: WorkerID, _ isDraining: Bool) async throws {
        _ = try await run(.drain, RedisArgument(worker), isDraining ? 1 : 0)
    }
}
