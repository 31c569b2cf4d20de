import HTTPTypes
import Jobs

/// Jobs that ended as failed, for who runs the service.
struct DeadLetterResource: Resource {
    let intake: Intake

    var routes: [Route] {
        [
            Route(.get, "/dead-letters", .listDeadLetters, for: .operators) { [self] in try await list($0) },
            Route(.post, "/dead-letters/retry", .retryDeadLetters, for: .operators) { [self] in try await retry($0) },
            Route(.delete, "/dead-letters", .discardDeadLetters, for: .operators) { [self] in try await discard($0) },
            Route(.delete, "/dead-letters/{id}", .discardDeadLetter, for: .operators) { [self] request in
                try await intake.store.discardFailed(request.identifier())
                return Answer(.noContent)
            },
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> Answer {
        let (jobs, next) = try await page(request)
        return Answer(json: [
            "dead_letters": .array(
                jobs.map { job in
                    [
                        "job_id": JSON(job.id),
                        "file_id": JSON(job.source.file),
                        "reason": JSON(job.failure?.message),
                        "code": JSON(job.failure?.code),
                        "attempts": .integer(job.attempts),
                        "crashes": .integer(job.crashes),
                        "timestamp": JSON(job.finishedAt),
                        "retryable": .bool(job.failure?.isRetryable ?? false),
                    ]
                }),
            "next_cursor": next,
        ])
    }

    /// Retries one page of them: those that may succeed another time. What cannot be retried (its source is gone, or it was
    /// retried meanwhile) is counted and left as it is.
    private func retry(_ request: IncomingRequest) async throws -> Answer {
        let (jobs, next) = try await page(request)
        var retried: [JSON] = []
        for job in jobs where job.failure?.isRetryable ?? false {
            do {
                retried.append(JSON(try await intake.retry(job.id).id))
            } catch JobStoreError.sourceGone, JobStoreError.notFailed, JobStoreError.unknown, JobStoreError.expired {
                continue
            }
        }
        return Answer(json: [
            "retried": .array(retried), "skipped": .integer(jobs.count - retried.count), "next_cursor": next,
        ])
    }

    /// Deletes one page of them, but those that somebody else retried or deleted meanwhile.
    private func discard(_ request: IncomingRequest) async throws -> Answer {
        let (jobs, next) = try await page(request)
        var count = 0
        for job in jobs {
            do {
                try await intake.store.discardFailed(job.id)
                count += 1
            } catch JobStoreError.notFailed, JobStoreError.webhookOwed, JobStoreError.unknown, JobStoreError.expired {
                continue
            }
        }
        return Answer(json: ["deleted": .integer(count), "next_cursor": next])
    }

    private func page(_ request: IncomingRequest) async throws -> (jobs: ArraySlice<Job>, next: JSON) {
        let page = try Page(request.query)
        let jobs = try await intake.store.jobs(
            JobFilter(state: .failed), after: page.start { JobID($0) }, limit: page.limit + 1)
        let shown = jobs.prefix(page.limit)
        return (shown, jobs.count > page.limit ? JSON(shown.last?.id) : .null)
    }
}
