import HTTPTypes
import Imaging
import Jobs

extension Schema {
    /// What ``Jobs/Job/json`` makes.
    static let job = Schema.object(
        "A job's status.", required: jobMembers, optional: optionalJobMembers
    ).named("Job")

    /// What ``Jobs/Job/story`` makes.
    static let story = Schema.object(
        "A job's whole story.",
        required: jobMembers + [
            ("output", Schema("object", "What the plan says of the result.").orNull),
            ("crashes", .count("How often a process died while it had the job.")),
            ("fence", .count("How often it was taken.")),
            ("waited_seconds", Schema.seconds("Until it was first begun; null where that is not known.").orNull),
            ("run_at", Schema.time("When it may be begun, while it waits.").orNull),
            ("expires_at", Schema.time("When it goes.").orNull),
            ("worker", Schema.id("Who works on it.").orNull),
            ("webhook", Schema("boolean", "Whether a receiver is told of its end.")),
            ("tries", .array(of: .oneTry, "The last twenty, the oldest first.")),
        ], optional: optionalJobMembers + [("body", Schema("string", "What a webhook posts."))]
    ).named("JobStory")

    private static let oneTry = Schema.object(
        "A try of a job.",
        [
            "fence": .count("Which of the times it was taken."), "worker": .id("Who made it."),
            "host": Schema("string", "Where."), "started_at": .time("When."), "seconds": .seconds("How long it took."),
            "outcome": Schema("string", "", ["enum": ["done", "retried", "failed", "crashed"]]),
            "error": Schema.jobFailure.orNull,
            "timings": Schema.object(
                "How long each part took, in seconds.",
                [
                    "fetch": .seconds("Getting the source."), "decode": .seconds("Decoding it."),
                    "operations": .seconds("The plan's steps."), "encode": .seconds("Encoding the result."),
                    "put": .seconds("Storing it."),
                ]
            ).orNull,
        ]
    ).named("Try")

    private static let jobFailure = Schema.object(
        "Why it failed.",
        [
            "code": Schema("string", "What programs should look at."),
            "message": Schema("string", "What was wrong."),
            "retryable": Schema("boolean", "Whether it may succeed another time."),
        ]
    ).named("JobFailure")

    private static var jobMembers: [(String, Schema)] {
        [
            ("job_id", .id("The job's id.")),
            ("kind", .word(of: JobKind.self, "What it does; `webhook` tells a receiver of another's end.")),
            ("file_id", Schema.id("The file that it works on; null where that is a picture at a URL.").orNull),
            ("status", .word(of: Job.State.self, "`queued`, then `processing`, then one of the others, for good.")),
            ("progress", Schema("number", "How far it is.", ["minimum": 0, "maximum": 1])),
            ("attempts", .count("Tries that ended in an error worth another.")),
            ("priority", .word(of: Priority.self, "How soon it is taken.")),
            ("cached", Schema("boolean", "Whether an earlier job's result is its own.")),
            ("created_at", .time("When it was submitted.")),
            ("started_at", Schema.time("When it was begun for the last time.").orNull),
            ("finished_at", Schema.time("When it ended.").orNull),
            ("error", jobFailure.orNull),
            (
                "result",
                Schema.object(
                    "What it made.",
                    required: [
                        ("content_type", Schema("string", "Its media type.")), ("size", .count("In bytes.")),
                    ],
                    optional: [
                        ("format", .word(of: ImageFormat.self, "Of a picture.")), ("width", .count("In pixels.")),
                        ("height", .count("In pixels.")),
                        (
                            "facts",
                            Schema("object", "What the plan asks of the picture: `blurhash`, `dominant_color`.")
                        ),
                    ]
                ).named("JobResult").orNull
            ),
        ]
    }

    private static var optionalJobMembers: [(String, Schema)] {
        [
            ("processing_id", .id("The job's id, under its older name.")),
            ("source_url", Schema("string", "Where the picture that it works on is fetched.")),
            ("batch_id", .id("The batch that it belongs to.")),
            ("operations", .array(of: .step, "The plan's steps, defaults filled in.")),
            ("download_url", url("Where the picture is, or will be.").orNull),
            ("result_url", url("Where the description is, or will be.").orNull),
            (
                "delivers",
                Schema.object(
                    "What has ended, of which a webhook tells.", required: [],
                    optional: [("job_id", .id("A job.")), ("batch_id", .id("A batch."))])
            ),
            (
                "receiver",
                Schema("string", "Whom a webhook goes to, without the path; `operator` is `WEBHOOK_URL`.").orNull
            ),
            ("next_try_at", Schema.time("When a webhook is tried next.").orNull),
        ]
    }

    static func url(_ summary: String) -> Schema { Schema("string", summary, ["format": "uri"]) }

    static let acceptedJob = Schema.object(
        "A job that will be done.",
        [
            "processing_id": .id("The job's id, under its older name."),
            "job_id": .id("The job's id."),
            "file_id": .id("The file that it works on."),
            "status": .jobState,
            "cached": Schema("boolean", "Whether an earlier job's result is its own."),
            "status_url": .url("Where its status is."),
            "download_url": .url("Where its result will be."),
        ]
    ).named("AcceptedJob")

    /// What ``Jobs/StoredFile/json`` makes.
    static let file = Schema.object(
        "An uploaded original.",
        [
            "file_id": .id("The file's id."),
            "filename": Schema("string", "The name that it came with, made harmless."),
            "content_type": Schema("string", "The media type that its bytes have."),
            "format": .word(of: ImageFormat.self, "The format that its bytes have."),
            "width": .count("In pixels, of the upright picture."),
            "height": .count("In pixels, of the upright picture."),
            "size": .count("In bytes."),
            "sha256": Schema("string", "Of its bytes.", ["pattern": "^[0-9a-f]{64}$"]),
            "duplicate": Schema("boolean", "Whether the same bytes were there already."),
            "created_at": .time("When it was uploaded."),
            "expires_at": .time("When it will be deleted."),
        ]
    ).named("File")
}

/// What the examples of the description have in common, so that they read as one story.
enum Example {
    static let fileID: JSON = "01989c6f-5d3a-7c1e-9b52-0f4d6a8e2b71"
    static let jobID: JSON = "01989c6f-61b8-7a40-8d0e-3c97e5f1a264"
    static let statusURL: JSON = "https://pictures.example/status/01989c6f-61b8-7a40-8d0e-3c97e5f1a264"
    static let downloadURL: JSON = "https://pictures.example/download/01989c6f-61b8-7a40-8d0e-3c97e5f1a264"
    static let createdAt: JSON = "2026-03-01T09:30:00.125Z"

    static let file: JSON = [
        "file_id": fileID, "filename": "harbour.jpg", "content_type": "image/jpeg", "format": "jpeg", "width": 4032,
        "height": 3024, "size": 3_481_220, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "duplicate": false, "created_at": createdAt, "expires_at": "2026-03-02T09:30:00.125Z",
    ]

    static let job: JSON = [
        "processing_id": jobID, "job_id": jobID, "kind": "process", "file_id": fileID, "status": "done", "progress": 1,
        "attempts": 1,
        "priority": "normal", "operations": [["type": "resize", "enlarge": true, "fit": "cover", "width": 800]],
        "cached": false, "created_at": createdAt, "started_at": "2026-03-01T09:30:00.131Z",
        "finished_at": "2026-03-01T09:30:00.162Z", "error": nil,
        "result": ["format": "webp", "content_type": "image/webp", "width": 800, "height": 600, "size": 41_802],
        "download_url": downloadURL,
    ]
}

extension Example {
    static var story: JSON {
        guard case .object(let members) = job else { return job }
        return .object(
            members + [
                ("output", [:]), ("crashes", 0), ("fence", 1), ("waited_seconds", 0.006), ("run_at", nil),
                ("expires_at", "2026-03-08T09:30:00.125Z"), ("worker", nil), ("webhook", false),
                (
                    "tries",
                    [
                        [
                            "fence": 1, "worker": workerID, "host": "darkroom",
                            "started_at": "2026-03-01T09:30:00.131Z",
                            "seconds": 0.031, "outcome": "done", "error": nil,
                            "timings": [
                                "fetch": 0.0002, "decode": 0.016, "operations": 0.004, "encode": 0.009, "put": 0.0011,
                            ],
                        ]
                    ]
                ),
            ])
    }
}

extension RouteDescription {
    /// What is answered to who makes a job: ``IncomingRequest/answer(_:of:accepted:finished:)``.
    static func jobMade(
        _ accepted: Schema, example: JSON, finished: Schema, finishedExample: JSON, links: [Link]
    ) -> [Outcome] {
        let replayed = "`true` where the job is an earlier one."
        return [
            Outcome(
                .accepted, "The job will be done.", accepted, example: example,
                fields: ["Location": "The job's status.", "Idempotency-Replayed": replayed], links: links),
            Outcome(
                .ok, "The job has ended in time: as `Prefer` asked for.", finished, example: finishedExample,
                fields: ["Preference-Applied": "`wait=N`", "Idempotency-Replayed": replayed]),
        ]
    }
}

extension RouteDescription.Parameter {
    static let jobID = Self(.path, "id", "The job's id.", .id(""), example: Example.jobID)
    static let fileID = Self(.path, "file_id", "The file's id.", .id(""), example: Example.fileID)

    static let idempotencyKey = idempotencyKey("The same key with the same request answers with the first job again.")

    static func idempotencyKey(_ summary: String) -> Self {
        Self(
            .header, "Idempotency-Key", summary,
            Schema("string", "", ["minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"]), example: "order-4711")
    }

    static let prefer = Self(
        .header, "Prefer", "`wait=N`, up to 60: answers 200 if the job ends within N seconds (55 at most).",
        Schema("string"), example: "wait=10")

    /// What ``Page`` reads.
    static let page = [
        Self(
            .query, "limit", "How many to show.",
            Schema(
                "integer", "",
                [
                    "minimum": .integer(Page.limits.lowerBound), "maximum": .integer(Page.limits.upperBound),
                    "default": .integer(Page.usualLimit),
                ])),
        Self(.query, "cursor", "The `next_cursor` of the page before.", .id("")),
    ]
}
