import HTTPTypes
import Jobs

extension IncomingRequest {
    /// Answers a request that made a job: 202, or 200 where the client would rather wait and the job ends in time.
    func answer(
        _ submission: Submission, of intake: Intake, accepted: (Job) -> JSON, finished: (Job) async throws -> JSON
    ) async throws -> Answer {
        var answer = try await answer(waitingFor: submission.job, of: intake, accepted, finished)
        if case .repeated = submission { answer.fields[.idempotencyReplayed] = "true" }
        answer.job = submission.job.id
        return answer
    }

    private func answer(
        waitingFor job: Job, of intake: Intake, _ accepted: (Job) -> JSON, _ finished: (Job) async throws -> JSON
    ) async throws -> Answer {
        var job = job
        if let (seconds, limit) = Waiting.preferred(fields) {
            if !job.state.isFinal { job = try await intake.job(job.id, patiently: limit) { $0.state.isFinal } }
            if job.state.isFinal {
                return Answer(json: try await finished(job), fields: [.preferenceApplied: "wait=\(seconds)"])
            }
        }
        return Answer(.accepted, json: accepted(job), fields: [.location: Links.status(job.id)])
    }
}
