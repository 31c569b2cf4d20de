package import Jobs

extension RedisJobStore {
    package func owedWebhooks(limit: Int) async throws -> [OwedWebhook] {
        var reply = try await run(.owing, .integer(limit))
        let jobs = try reply.next().asList().compactMap { try? OwedWebhook.job(Job($0.asFields())) }
        return jobs + (try reply.next().asList().map { .batch(try Batch($0.asFields())) })
    }

    package func schedule(_ deliveries: [NewDelivery]) async throws {
        guard !deliveries.isEmpty else { return }
        _ = try await run(.schedule, deliveries.flatMap(\.words))
    }

    package func finish(_ claim: Claim, tries: Tries?, expiresAt: Timestamp) async throws {
        _ = try await run(.finishDelivery, claim.words + [tries.word, RedisArgument(expiresAt)])
    }
}

extension NewDelivery {
    fileprivate var words: [RedisArgument] {
        let subject: [RedisArgument] =
            switch owed.subject {
            case .job(let id): ["jobs", RedisArgument(id)]
            case .batch(let id): ["batches", RedisArgument(id)]
            }
        return subject + [
            RedisArgument(owed.finishedAt ?? Timestamp(milliseconds: 0)), RedisArgument(job.id), .text(job.taskText),
            .text(job.cacheKey.description), .text(job.publicURL), RedisArgument(job.createdAt),
            RedisArgument(job.line),
            .text(job.kindField),
        ]
    }
}
