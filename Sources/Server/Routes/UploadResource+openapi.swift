import HTTPTypes

extension RouteDescription {
    static let upload = RouteDescription(
        "uploadFiles", .pictures, "Uploads pictures, or a CSV of URLs",
        """
        Each picture in a part named `file`; they are taken all or none. The type is read from the bytes; an extension must \
        be allowed, and agree with them. A part whose name ends in `.csv`, or that is `text/csv`, is a batch: each URL in it \
        becomes a job.
        """,
        parameters: [
            .idempotencyKey("For a CSV: the same key with the same request answers with the first batch again.")
        ],
        body: [
            Content(
                "multipart/form-data",
                .object(
                    required: [
                        (
                            "file",
                            .array(
                                of: Schema("string", "A picture, or a CSV.", ["format": "binary"]), "",
                                ["minItems": 1, "maxItems": .integer(MultipartParser.maximumParts)])
                        )
                    ],
                    optional: [
                        (
                            "transformations",
                            Schema("string", "For a CSV: step texts, separated by commas; `compress` where left out.")
                        )
                    ] + Schema.formTerms, isClosed: true))
        ],
        answers: [
            Outcome(
                .created, "The file, or `files` where there are several.",
                [
                    Content(
                        "application/json",
                        .any(of: [.file, Schema.object("", ["files": .array(of: .file)]).named("Files")]),
                        examples: [("one", Example.file), ("several", ["files": [Example.file]])])
                ], links: [.file("processFile"), .file("deleteFile")]),
            Outcome(
                .accepted, "The batch, for a CSV.", .acceptedBatch, example: Example.acceptedBatch,
                fields: [
                    "Location": "The batch's status.",
                    "Idempotency-Replayed": "`true` where the batch is an earlier one.",
                ],
                links: [
                    Link(route: "getStatus", parameter: "id", pointer: "/batch_id"),
                    Link(route: "getBatchReport", parameter: "id", pointer: "/batch_id"),
                ]),
        ],
        problems: UploadDescription.problems + [
            .bodyTooLarge, .missingParameter, .unknownOperation, .ambiguousPlan, .impossiblePlan, .missingPlan,
            .unusableBatch, .tooManyRows, .forbiddenURL, .idempotencyKeyReused, .expired,
        ] + backendProblems)
}

/// What can be wrong with a file that is sent.
enum UploadDescription {
    static let problems: [ProblemCode] = [
        .malformedMultipart, .fileTooLarge, .unsupportedMediaType, .missingFile, .emptyFile, .tooManyParts,
        .undecodableImage, .tooManyPixels,
    ]
}
