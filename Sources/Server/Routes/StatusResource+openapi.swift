import HTTPTypes
import Jobs

extension RouteDescription {
    static let status = RouteDescription(
        "getStatus", .jobs, "Tells how a job or a batch stands",
        "At once, or with `wait` when a job's state has changed, or a batch is complete.",
        parameters: [
            .jobID,
            Parameter(
                .query, "wait", "How many seconds to wait for a change; 55 at most are waited.",
                Schema(
                    "integer", "",
                    [
                        "minimum": .integer(Waiting.allowed.lowerBound),
                        "maximum": .integer(Waiting.allowed.upperBound),
                    ])),
            Parameter(
                .query, "limit", "How many images of a batch to show.",
                Schema(
                    "integer", "",
                    [
                        "minimum": .integer(Page.limits.lowerBound), "maximum": .integer(Page.limits.upperBound),
                        "default": .integer(BatchPage.usualLimit),
                    ])),
            Parameter(
                .query, "cursor", "The `next_cursor` of a batch's page before.",
                Schema("integer", "", ["minimum": 0, "maximum": .integer(Int(Int32.max))])),
        ],
        answers: [
            Outcome(
                .ok, "The job, or the batch.",
                [
                    Content(
                        "application/json", .any(of: [.job, .batch]),
                        examples: [("job", Example.job), ("batch", Example.batch)])
                ])
        ],
        problems: [.notFound, .expired] + backendProblems)

    static let statuses = RouteDescription(
        "getStatuses", .jobs, "Tells how several jobs stand",
        "In the order of the ids. One that is not there takes the place of its status, and does not spoil the others.",
        parameters: [
            Parameter(
                .query, "ids", "The jobs' ids.",
                .array(of: .id(""), "", ["minItems": 1, "maxItems": .integer(StatusResource.maxIDs)]),
                example: [Example.jobID], isRequired: true)
        ],
        answers: [
            Outcome(
                .ok, "The jobs.", .object("", ["jobs": .array(of: .any(of: [.job, absence]))]),
                example: ["jobs": [Example.job]])
        ],
        problems: [.missingParameter] + backendProblems)

    private static let absence = Schema.object(
        "A job that is not there.",
        [
            "job_id": .id("As it was asked for."), "status": Schema("null"),
            "error": .object(
                "", ["code": Schema("string", "", ["enum": .array(absenceCodes.map { .string($0.rawValue) })])]),
        ]
    ).named("AbsentJob")
    private static let absenceCodes: [ProblemCode] = [.notFound, .expired]

    private static let event = Schema.object(
        "One event.",
        [
            "event": Schema("string", "", ["const": "status"]), "id": Schema("string", "For `Last-Event-ID`."),
            "data": Schema("string", "The status of the job or batch.", ["contentMediaType": "application/json"]),
        ]
    ).named("StatusEvent")

    static let statusEvents = RouteDescription(
        "streamStatus", .jobs, "Tells every change of a job or batch",
        """
        Server-sent events: a `status` for the job as it is and for each change, with the body of its status, until the \
        final one, which ends the stream. A comment every 15 s while nothing changes.
        """,
        parameters: [
            .jobID,
            Parameter(
                .header, "Last-Event-ID", "The last event that the client has seen.", Schema("string"),
                example: "processing-1-0-50"),
        ],
        answers: [
            Outcome(.ok, "The events.", [Content("text/event-stream", event)]),
            Outcome(.noContent, "The client has seen the final one."),
        ],
        problems: [.notFound, .expired] + backendProblems)
}
