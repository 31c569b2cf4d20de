package import Jobs

extension RedisJobStore {
    package func uncacheResult(of job: Job) async throws {
        guard let blob = job.result?.blob else { return }
        _ = try await run(.uncache, .text(job.cacheKey.description), RedisArgument(blob))
    }

    package func reclaimExpiredLeases(
        crashLimit: Int, failure: JobFailure, expiresAt: Timestamp, limit: Int
    ) async throws -> Reclaimed {
        var reply = try await run(
            .reclaim,
            [.integer(crashLimit)] + failure.words
                + [RedisArgument(expiresAt), .integer(limit), .integer(Claim.maxUnbegun)])
        return Reclaimed(requeued: try reply.next().asReadyJobs(), failed: try reply.next().asIDs())
    }

    package func readyJobs(waitingSince time: Timestamp, limit: Int) async throws -> [ReadyJob] {
        var reply = try await run(
            .ready, [RedisArgument(time), .integer(limit)] + Priority.allCases.map { RedisArgument(.pictures($0)) })
        return try reply.next().asReadyJobs()
    }

    package func expire(forgetting: Timestamp, limit: Int) async throws -> Int {
        var reply = try await run(.expire, RedisArgument(forgetting), .integer(limit))
        return try reply.next().asInt()
    }

    package func doomedBlobs(limit: Int) async throws -> [BlobKey] {
        var reply = try await run(.doomed, .integer(limit))
        return try reply.next().asList().map { try $0.asBlob() }
    }

    package func forgetBlobs(_ keys: [BlobKey]) async throws {
        guard !keys.isEmpty else { return }
        _ = try await run(.forget, keys.map(RedisArgument.init))
    }

    package func unknownBlobs(among keys: [BlobKey]) async throws -> [BlobKey] {
        guard !keys.isEmpty else { return [] }
        var reply = try await run(.unknown, keys.map(RedisArgument.init))
        let unknown = try reply.next().asInts()
        return keys.indices.filter(unknown.contains).map { keys[$0] }
    }
}
