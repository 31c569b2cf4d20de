import HTTPTypes
import Jobs

/// Telling workers to take no more pictures: all of them, or one that is to be taken away.
struct WorkerResource: Resource {
    let store: any JobStore

    var routes: [Route] {
        [
            Route(.post, "/queue/pause", .pauseQueue, for: .operators) { [self] _ in try await pause(true) },
            Route(.post, "/queue/resume", .resumeQueue, for: .operators) { [self] _ in try await pause(false) },
            Route(.post, "/workers/{id}/drain", .drainWorker, for: .operators) { [self] in try await drain($0, true) },
            Route(.post, "/workers/{id}/resume", .resumeWorker, for: .operators) { [self] in
                try await drain($0, false)
            },
        ]
    }

    private func pause(_ isPaused: Bool) async throws -> Answer {
        try await store.pause(isPaused)
        return Answer(json: ["paused": .bool(isPaused)])
    }

    private func drain(_ request: IncomingRequest, _ isDraining: Bool) async throws -> Answer {
        let id = try request.identifier(WorkerID.self)
        try await store.drain(id, isDraining)
        return Answer(json: ["id": JSON(id), "draining": .bool(isDraining)])
    }
}
