import HTTPTypes

extension RouteDescription {
    static let listDeadLetters = RouteDescription(
        "listDeadLetters", .operating, "Lists jobs that ended as failed", "Newest first.", parameters: Parameter.page,
        answers: [
            Outcome(
                .ok, "A page of them.",
                Schema.object(
                    "A page of failed jobs.", ["dead_letters": .array(of: letter), "next_cursor": .nextCursor]
                )
                .named("DeadLetterList"),
                example: [
                    "dead_letters": [
                        [
                            "job_id": Example.jobID, "file_id": Example.fileID, "reason": "the JPEG ends too early",
                            "code": "undecodable_image", "attempts": 1, "crashes": 0, "timestamp": Example.createdAt,
                            "retryable": false,
                        ]
                    ], "next_cursor": nil,
                ])
        ],
        problems: backendProblems)

    static let retryDeadLetters = RouteDescription(
        "retryDeadLetters", .operating, "Retries a page of failed jobs",
        "Those that may succeed another time; the others are counted and left.", parameters: Parameter.page,
        answers: [
            Outcome(
                .ok, "What came of it.",
                Schema.object(
                    "What came of retrying a page of failed jobs.",
                    [
                        "retried": .array(of: .id(""), "The jobs that will be done again."),
                        "skipped": .count("How many are left."), "next_cursor": .nextCursor,
                    ]
                ).named("Retried"),
                example: ["retried": [Example.jobID], "skipped": 0, "next_cursor": nil])
        ],
        problems: backendProblems)

    static let discardDeadLetter = RouteDescription(
        "discardDeadLetter", .operating, "Deletes a failed job",
        "As if its time were over; not before its receiver, if it has one, is being told.", parameters: [.jobID],
        answers: [Outcome(.noContent, "It is gone.")],
        problems: [.notFound, .expired, .notFailed, .notFinished] + backendProblems)

    static let discardDeadLetters = RouteDescription(
        "discardDeadLetters", .operating, "Deletes a page of failed jobs", parameters: Parameter.page,
        answers: [
            Outcome(
                .ok, "What came of it.",
                Schema.object(
                    "What came of deleting a page of failed jobs.",
                    ["deleted": .count("How many are gone."), "next_cursor": .nextCursor]
                ).named("Discarded"),
                example: ["deleted": 1, "next_cursor": nil])
        ],
        problems: backendProblems)

    private static let letter = Schema.object(
        "A job that ended as failed.",
        [
            "job_id": .id("The job's id."), "file_id": Schema.id("The file that it worked on, if any.").orNull,
            "reason": Schema("string", "What was wrong.").orNull,
            "code": Schema("string", "What programs should look at.").orNull,
            "attempts": .count("Tries that ended in an error worth another."),
            "crashes": .count("How often a process died while it had the job."),
            "timestamp": .time("When it ended.").orNull,
            "retryable": Schema("boolean", "Whether it may succeed another time."),
        ]
    ).named("DeadLetter")
}
