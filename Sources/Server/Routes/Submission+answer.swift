import HTTPTypes
import Jobs

extension IncomingRequest {
    /// Answers a request that made a job: 202, or 200 where the client would rather wait and the job ends in time.
    func answer(
        _ submission: Submission, of intake: Intake, accepted: (Job) -> JSON, finished: (Job) async throws -> JSON
    ) async throws -> Answer {
        var job = submission.job
        var fields: HTTPFields = [:]
        if case .repeated = submission { fields[.idempotencyReplayed] = "true" }
        if let (seconds, limit) = Waiting.preferred(self.fields) {
            if !job.state.isFinal { job = try await intake.job(job.id, patiently: limit) { $0.state.isFinal } }
            if job.state.isFinal {
                fields[.preferenceApplied] = "wait=\(seconds)"
                return Answer(json: try await finished(job), fields: fields)
            }
        }
        fields[.location] = Links.status(job.id)
        return Answer(.accepted, json: accepted(job), fields: fields)
    }
}
