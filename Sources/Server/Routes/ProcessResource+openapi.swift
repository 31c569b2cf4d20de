extension RouteDescription {
    static let process = RouteDescription(
        "processFile", .pictures, "Applies a plan to a file",
        """
        The plan is JSON in any of its shapes, or the same members as fields of a form or of the query: there or in the \
        body, not in both. The same bytes, plan and version give the same result, so it is made once.
        """,
        parameters: [
            .fileID, .idempotencyKey, .prefer,
        ] + planFields + termFields,
        body: [
            Content(
                "application/json", .plan,
                examples: [
                    ("single", ["operation": "resize", "width": 800, "height": 600, "format": "webp", "quality": 80]),
                    (
                        "steps",
                        [
                            "operations": [["type": "resize", "width": 800], ["type": "grayscale"]],
                            "output": ["format": "webp", "quality": 80],
                        ]
                    ),
                    ("texts", ["transformations": ["resize:800x600", "blur:2.5", "grayscale", "convert:webp"]]),
                ]),
            Content(
                "application/x-www-form-urlencoded", .planFields,
                examples: [("single", ["operation": "resize", "width": 800])]),
            Content(
                "multipart/form-data", .planFields,
                examples: [("texts", ["transformations": "resize:800x600,grayscale"])]),
        ],
        mayLackBody: true,
        answers: jobMade(
            .acceptedJob,
            example: [
                "processing_id": Example.jobID, "job_id": Example.jobID, "file_id": Example.fileID,
                "status": "queued", "cached": false, "status_url": Example.statusURL,
                "download_url": Example.downloadURL,
            ],
            finished: .job, finishedExample: Example.job,
            links: [.job("getStatus"), .job("downloadResult"), .job("cancelJob"), .job("retryJob")]),
        problems: [
            .malformedJSON, .malformedMultipart, .notFound, .expired, .bodyTooLarge, .unsupportedMediaType,
            .tooManyParts, .missingParameter, .missingPlan, .ambiguousPlan, .unknownOperation, .impossiblePlan,
            .tooManyPixels, .undecodableImage, .sourceGone, .forbiddenURL, .idempotencyKeyReused,
        ] + backendProblems)
}

extension RouteDescription {
    /// A plan's members in a query.
    static let planFields = inQuery(Schema.planFieldMembers)
    /// What may stand beside it where there is a job.
    static let termFields = inQuery(Schema.formTerms)

    private static func inQuery(_ members: [(String, Schema)]) -> [Parameter] {
        members.map { Parameter(.query, $0, $1["description"].text, $1) }
    }
}

extension JSON? {
    fileprivate var text: String { if case .string(let text)? = self { text } else { "" } }
}
