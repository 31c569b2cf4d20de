import Imaging
package import Jobs

extension RedisJobStore {
    package func claim(_ request: ClaimRequest, by worker: WorkerID, lease: Duration) async throws -> [Job] {
        var reply: Reply
        switch request {
        case .next(let limit, let preferred):
            reply = try await run(
                .claimNext,
                [.integer(limit), RedisArgument(worker), RedisArgument(lease)]
                    + preferred.andOthers.map { RedisArgument(.pictures($0)) })
        case .deliveries(let limit):
            reply = try await run(
                .claimNext, .integer(limit), RedisArgument(worker), RedisArgument(lease), RedisArgument(.deliveries))
        case .these(let ids):
            reply = try await run(
                .claimThese, [RedisArgument(worker), RedisArgument(lease)] + ids.map(RedisArgument.init))
        }
        // A plan that this version cannot read must not take the others with it: its lease ends, and its crashes end it.
        return try reply.next().asList().compactMap { try? Job($0.asFields()) }
    }

    package func renew(_ claims: [Claim], lease: Duration) async throws -> [Claim] {
        guard !claims.isEmpty else { return [] }
        var reply = try await run(.renew, [RedisArgument(lease)] + claims.flatMap(\.words))
        let lost = try reply.next().asInts()
        return claims.indices.filter(lost.contains).map { claims[$0] }
    }

    package func report(progress: Double, of claim: Claim) async throws {
        _ = try await run(.report, claim.words + [.text("\(min(max(progress, 0), 1))")])
    }

    package func finish(
        _ claim: Claim, with result: JobResult, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID] {
        var reply = try await run(
            .finish,
            claim.words + [tries.word, RedisArgument(expiresAt), RedisArgument(result.blob), .text(result.text)])
        return try reply.next().asIDs()
    }

    package func fail(
        _ claim: Claim, because failure: JobFailure, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID] {
        var reply = try await run(.fail, claim.words + [tries.word, RedisArgument(expiresAt)] + failure.words)
        return try reply.next().asIDs()
    }

    package func retry(
        _ claim: Claim, because failure: JobFailure, tries: Tries?, after delay: Duration
    ) async throws {
        _ = try await run(.retry, claim.words + [tries.word, RedisArgument(delay)] + failure.words)
    }

    package func crashed(
        _ claim: Claim, limit: Int, failure: JobFailure, tries: Tries?, expiresAt: Timestamp
    ) async throws -> [JobID] {
        var reply = try await run(
            .crashed, claim.words + [tries.word, RedisArgument(expiresAt)] + failure.words + [.integer(limit)])
        return try reply.next().asIDs()
    }

    package func release(_ claims: [Claim], after delay: Duration) async throws {
        guard !claims.isEmpty else { return }
        _ = try await run(.release, [RedisArgument(delay)] + claims.flatMap(\.words))
    }
}

extension Tries? {
    /// Empty for those that stay as they are.
    var word: RedisArgument { .text(self?.text ?? "") }
}
