import Imaging
package import Jobs

extension RedisJobStore {
    package func submit(_ job: Job, key: IdempotencyKey?) async throws -> Submission {
        var reply = try await run(
            .submit, RedisArgument(job.id), .text(job.source.file?.description ?? ""),
            .text(job.source.blob?.rawValue ?? ""), .text(job.taskText), .text(job.cacheKey.description),
            .text(job.publicURL), RedisArgument(job.createdAt), RedisArgument(job.line), .text(job.kindField),
            .text(job.webhookURL ?? ""), .text(key?.key ?? ""), .text(key?.fingerprint ?? ""))
        let isRepeated = try reply.next().asInt() == 1
        let answer = reply.next()
        if answer.array == nil {
            var job = job
            job.runAt = try answer.asTimestamp()
            return .accepted(job)
        }
        let recorded = try Job(answer.asFields())
        return isRepeated ? .repeated(recorded) : .accepted(recorded)
    }

    package func retryFailed(_ id: JobID) async throws -> Job {
        var reply = try await run(.retryFailed, RedisArgument(id))
        return try Job(reply.next().asFields())
    }
}

extension Job {
    /// Empty for the usual kind.
    var kindField: String { task.kind.shelf ?? "" }
}
