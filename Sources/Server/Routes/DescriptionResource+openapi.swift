import HTTPTypes

extension RouteDescription {
    static let submit = RouteDescription(
        "submitPicture", .pictures, "Has a picture described",
        "One picture, taken as an upload is. The description is read at `/result/{job_id}`.",
        parameters: [.idempotencyKey, .prefer],
        body: [
            Content(
                "multipart/form-data",
                .object(
                    required: [("file", Schema("string", "A picture.", ["format": "binary"]))],
                    optional: Schema.formTerms, isClosed: true))
        ],
        answers: jobMade(
            Schema.object(
                "A picture that will be described.",
                [
                    "job_id": .id("The job's id."), "status": .jobState, "file_id": .id("The picture's id."),
                    "cached": Schema("boolean", "Whether it was described before."),
                    "status_url": .url("Where the job's status is."),
                    "result_url": .url("Where the description will be."),
                ]
            ).named("AcceptedDescription"),
            example: [
                "job_id": Example.jobID, "status": "queued", "file_id": Example.fileID, "cached": false,
                "status_url": Example.statusURL,
                "result_url": "https://pictures.example/result/01989c6f-61b8-7a40-8d0e-3c97e5f1a264",
            ],
            finished: .any(of: [.pictureDescription, .job]), finishedExample: description,
            links: [.job("getStatus"), Link(route: "getResult", parameter: "job_id", pointer: "/job_id")]),
        problems: UploadDescription.problems + [
            .expired, .notFound, .jobFailed, .canceled, .sourceGone, .forbiddenURL, .idempotencyKeyReused,
        ] + backendProblems)

    static let result = RouteDescription(
        "getResult", .pictures, "Tells what is to be seen on a picture",
        "While the job runs, the answer is a 409 with `Retry-After`.",
        parameters: [Parameter(.path, "job_id", "The job's id.", .id(""), example: Example.jobID)],
        answers: [Outcome(.ok, "The description.", .pictureDescription, example: description)],
        problems: [.notFound, .expired, .notFinished, .canceled, .jobFailed] + backendProblems)

    private static let description: JSON = [
        "job_id": Example.jobID, "status": "done", "cached": false, "_generated_by": "vision-node-gpt",
        "description": "Image Description:\n- Dimensions: 4032x3024 pixels",
        "measures": ["width": 4032, "height": 3024],
        "source": "measured",
    ]
}

extension Schema {
    fileprivate static let pictureDescription = Schema.object(
        "What is to be seen on a picture.",
        required: [
            ("job_id", .id("The job's id.")), ("status", Schema("string", "", ["const": "done"])),
            ("cached", Schema("boolean", "Whether it was described before.")),
            ("description", Schema("string", "In words.")),
            ("_generated_by", Schema("string", "", ["const": "vision-node-gpt"])),
            ("source", Schema("string", "Who says so: `measured` from the picture, or `openai`.")),
            ("measures", Schema("object", "What the picture itself tells: size, colours, camera, sharpness and more.")),
        ],
        optional: [
            ("model", Schema("string", "Which vision model says so.")),
            ("usage", Schema("object", "What it took, in tokens.")),
        ]
    ).named("PictureDescription")
}
