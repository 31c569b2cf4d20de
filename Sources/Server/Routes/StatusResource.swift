import HTTPTypes
import Jobs
import ServiceLifecycle

/// `/status/{id}`, at once or when it changes.
struct StatusResource: Resource {
    let intake: Intake

    var routes: [Route] {
        [Route(.get, "/status/{id}", query: ["wait"]) { [self] in try await status($0) }]
    }

    private func status(_ request: IncomingRequest) async throws -> Answer {
        let id = try request.identifier(JobID.self)
        let limit = try Waiting.inQuery(request.query)
        var job = try await intake.store.job(id)
        if let limit, !job.state.isFinal {
            let before = job.state
            job = try await intake.job(id, patiently: limit) { $0.state != before }
        }
        return Answer(json: job.json, fields: [.cacheControl: "no-store"])
    }
}

extension Intake {
    /// As ``job(_:waiting:until:)``, but a server that shuts down ends the wait: the client gets what there is.
    func job(
        _ id: JobID, patiently limit: Duration, until condition: @escaping @Sendable (Job) -> Bool
    ) async throws -> Job {
        do {
            return try await cancelWhenGracefulShutdown {
                try await self.job(id, waiting: limit, until: condition)
            }
        } catch is CancellationError {
            return try await store.job(id)
        }
    }
}
