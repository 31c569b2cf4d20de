import HTTPTypes
import Imaging
import Jobs

/// Pictures by their URLs: `/api/v1/images`, whose clients know names in camel case and states in capitals.
struct ImageJobResource: Resource {
    let intake: Intake
    let links: Links

    var routes: [Route] {
        [
            Route(.post, "/api/v1/images/process", .processImage) { [self] in try await process($0) },
            Route(.get, "/api/v1/images/jobs/{jobId}", .imageJob) { [self] in
                Answer(json: try await status(intake.store.job($0.identifier())), fields: [.cacheControl: "no-store"])
            },
        ]
    }

    private func process(_ request: IncomingRequest) async throws -> Answer {
        var members = try await request.jsonMembers()
        guard let given = members.removeValue(forKey: "imageUrl") else {
            throw Problem(.missingParameter, "imageUrl is missing: the URL of a picture", parameter: "imageUrl")
        }
        let url = try SourceURL(given, in: "imageUrl")
        let terms = try SubmissionTerms(takenFrom: &members, publicURL: links.base(for: request))
        // With nothing to do to it, the picture is turned upright and encoded anew.
        let transformations = members.removeValue(forKey: "transformations") ?? []
        if let name = members.keys.sorted().first {
            throw Problem(
                .unknownParameter,
                "there is no parameter \(brief(name)); known are "
                    + (["imageUrl", "transformations"] + SubmissionTerms.memberNames).joined(separator: ", "),
                parameter: name)
        }
        let plan: Plan =
            if case .array([]) = transformations { try Plan(steps: []) } else {
                try PlanRequest(["transformations": transformations]).plan()
            }
        let submission: Submission
        do {
            submission = try await intake.submit(
                plan, forPictureAt: url, on: terms,
                key: request.idempotencyKey(of: "images \(url) \(terms.meaning)", plan.json))
        } catch IntakeError.forbiddenURL {
            throw Problem(IntakeError.forbiddenURL, in: "imageUrl")
        }
        return try await request.answer(
            submission, of: intake, accepted: { ["jobId": JSON($0.id)] }, finished: status)
    }

    private func status(_ job: Job) -> JSON {
        let state =
            switch job.state {
            case .queued: "PENDING"
            case .processing: "PROCESSING"
            case .done: "COMPLETED"
            case .failed, .canceled: "FAILED"
            }
        return [
            "jobId": JSON(job.id), "status": .string(state),
            "resultUrl": job.state == .done ? .string(job.publicURL + Links.download(job.id)) : .null,
            "errorMessage": JSON(job.reasonForNoResult),
        ]
    }
}
