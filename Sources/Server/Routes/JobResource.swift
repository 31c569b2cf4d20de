import HTTPTypes
import Jobs

/// Jobs as such: listing, retrying, cancelling.
struct JobResource: Resource {
    let intake: Intake

    var routes: [Route] {
        [
            Route(.get, "/jobs", .listJobs) { [self] in try await list($0) },
            Route(.get, "/jobs/{id}", .jobStory, for: .operators) { [self] request in
                Answer(
                    json: try await intake.store.job(request.identifier()).story, fields: [.cacheControl: "no-store"])
            },
            Route(.post, "/jobs/{id}/retry", .retryJob, for: .operators) { [self] request in
                let job = try await intake.retry(request.identifier())
                return Answer(.accepted, json: job.json, fields: [.location: Links.status(job.id)])
            },
            Route(.delete, "/jobs/{id}", .cancelJob) { [self] request in
                Answer(json: try await intake.cancel(request.identifier()).json)
            },
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> Answer {
        let page = try Page(request.query)
        let filter = JobFilter(
            state: try request.query.choice("status", Job.State.self),
            kind: try request.query.choice("kind", JobKind.self), batch: try batch(in: request.query))
        let jobs = try await intake.store.jobs(filter, after: page.start { JobID($0) }, limit: page.limit + 1)
        let shown = jobs.prefix(page.limit)
        return Answer(json: [
            "jobs": .array(shown.map(\.json)),
            "next_cursor": jobs.count > page.limit ? JSON(shown.last?.id) : .null,
        ])
    }

    private func batch(in query: Fields) throws(Problem) -> BatchID? {
        guard let text = query["batch_id"] else { return nil }
        guard let id = BatchID(text) else { throw .invalid("batch_id", given: text, allowed: "the id of a batch") }
        return id
    }
}
