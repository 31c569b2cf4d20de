import HTTPTypes
import Imaging

extension RouteDescription {
    static let download = RouteDescription(
        "downloadResult", .pictures, "Sends a job's result",
        """
        `Range`, `If-Range`, `If-Match` and `If-None-Match` are honoured. While the job runs, the answer is a 409 with \
        `Retry-After`.
        """,
        parameters: [
            .jobID,
            Parameter(
                .query, "disposition", "Whether a browser shows the picture or saves it.",
                .word(of: Disposition.self)),
            Parameter(
                .query, "redirect",
                "1 leads to a presigned URL, good for five minutes, where results are in S3; elsewhere the bytes come.",
                Schema("integer", "", ["minimum": 0, "maximum": 1])),
            Parameter(.header, "Range", "A part of the bytes.", Schema("string"), example: "bytes=0-1023"),
            Parameter(
                .header, "If-Range", "The `ETag` that the part must belong to, else all bytes come.", Schema("string")),
            Parameter(
                .header, "If-Match", "The `ETag` that the result must have, else the answer is a 412.", Schema("string")
            ),
            Parameter(.header, "If-None-Match", "An `ETag` that is here already.", Schema("string")),
        ],
        answers: [
            Outcome(.ok, "The picture.", pictures, fields: fields),
            Outcome(
                .partialContent, "A part of the picture.", pictures,
                fields: ["Content-Range": "Which part.", "ETag": "What the whole is."]),
            Outcome(.temporaryRedirect, "The bytes are in S3.", fields: ["Location": "Where they are."]),
            Outcome(.notModified, "It is what the client has.", fields: ["ETag": "What it is."]),
        ],
        problems: [
            .notFound, .expired, .notFinished, .canceled, .jobFailed, .preconditionFailed, .rangeNotSatisfiable,
        ] + backendProblems)

    private static let pictures = ImageFormat.allCases.map {
        Content($0.contentType, Schema("string", "", ["format": "binary"]))
    }

    private static var fields: KeyValuePairs<String, String> {
        [
            "ETag": "Changes with the bytes.", "Accept-Ranges": "`bytes`",
            "Content-Disposition": "The original's name with the result's extension.",
        ]
    }
}
