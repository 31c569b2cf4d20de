import HTTPTypes
import Jobs

extension RouteDescription {
    static let processImage = RouteDescription(
        "processImage", .pictures, "Applies transformations to the picture at a URL",
        """
        It is fetched when the job runs, under the limits of uploads. Only public addresses are asked, unless the operator \
        opens more.
        """,
        parameters: [.idempotencyKey, .prefer],
        body: [
            Content(
                "application/json", .imageRequest,
                examples: [
                    (
                        "transformations",
                        [
                            "imageUrl": "https://shop.example/lamp.jpg",
                            "transformations": ["resize:100x100", "grayscale"],
                        ]
                    )
                ])
        ],
        answers: jobMade(
            Schema.object("A job that will be done.", ["jobId": .id("The job's id.")]).named("AcceptedImageJob"),
            example: ["jobId": Example.jobID], finished: .imageJob, finishedExample: job,
            links: [Link(route: "getImageJob", parameter: "jobId", pointer: "/jobId")]),
        problems: [
            .malformedJSON, .bodyTooLarge, .unsupportedMediaType, .missingParameter, .ambiguousPlan, .unknownOperation,
            .impossiblePlan, .forbiddenURL, .idempotencyKeyReused, .notFound, .expired,
        ] + backendProblems)

    static let imageJob = RouteDescription(
        "getImageJob", .jobs, "Tells how the job of a picture at a URL stands",
        parameters: [Parameter(.path, "jobId", "The job's id.", .id(""), example: Example.jobID)],
        answers: [Outcome(.ok, "The job.", .imageJob, example: job)],
        problems: [.notFound, .expired] + backendProblems)

    private static let job: JSON = [
        "jobId": Example.jobID, "status": "COMPLETED", "resultUrl": Example.downloadURL, "errorMessage": nil,
    ]
}

extension Schema {
    fileprivate static let imageRequest = Schema.object(
        "A picture at a URL, and what to do with it.",
        required: [
            ("imageUrl", Schema("string", "Where the picture is: `http` or `https`.", ["format": "uri"]))
        ],
        optional: [("transformations", .transformations)] + terms, isClosed: true
    ).named("ImageRequest")

    fileprivate static let imageJob = Schema.object(
        "How the job of a picture at a URL stands.",
        [
            "jobId": .id("The job's id."),
            "status": Schema(
                "string", "The last two are for good.", ["enum": ["PENDING", "PROCESSING", "COMPLETED", "FAILED"]]),
            "resultUrl": Schema.url("Where the result is.").orNull,
            "errorMessage": Schema("string", "Why it failed.").orNull,
        ]
    ).named("ImageJob")
}
