import HTTPTypes
import Jobs

extension RouteDescription {
    static let overview = RouteDescription(
        "getOverview", .operating, "Tells how the deployment stands, and who works on what",
        "At most a second old, and the same from every process.",
        answers: [Outcome(.ok, "The deployment.", .overview, example: overviewExample)])

    static let overviewEvents = RouteDescription(
        "watchOverview", .operating, "Tells how the deployment stands, whenever that changes",
        "As server-sent events, at most one a second, each the body of `/overview`.",
        parameters: [Parameter(.header, "Last-Event-ID", "The last event that came.", Schema("string"))],
        answers: [
            Outcome(
                .ok, "Events named `overview`, until the client or the server goes away.",
                [Content("text/event-stream", Schema("string"))])
        ])

    static let history = RouteDescription(
        "getHistory", .operating, "Tells what the deployment did in the last hour",
        "In slots of ten seconds, the oldest first, none missing; all processes count into the same ones.",
        answers: [
            Outcome(
                .ok, "The last hour.",
                Schema.object(
                    "The last hour.",
                    ["step_seconds": .seconds("Of a slot."), "slots": .array(of: .historySlot)]
                ).named("History"),
                example: ["step_seconds": 10, "slots": [slotExample]])
        ])

    private static let slotExample: JSON = [
        "at": Example.createdAt, "submitted": 3, "done": 2, "failed": 0, "bytes_in": 8_123_456, "bytes_out": 91_234,
        "depth": 1, "in_progress": 1, "wait": ["p50": 0.004, "p95": 0.012, "p99": 0.012],
        "run": ["p50": 0.041, "p95": 0.09, "p99": 0.09],
    ]

    private static let overviewExample: JSON = [
        "at": Example.createdAt, "version": "1.0.0", "uptime_seconds": 86_400.25, "paused": false, "status": "healthy",
        "now": slotExample,
        "components": [
            "store": ["kind": "sqlite", "status": "up", "latency_ms": 0.2],
            "queue": ["kind": "sqlite", "status": "up", "latency_ms": 0.1],
            "storage": ["kind": "disk", "status": "up", "latency_ms": 0.1],
        ],
        "queue": [
            "depth": 0, "delayed": 0, "in_progress": 1, "dead": 0, "oldest_seconds": 0, "enqueued_per_second": 2.5,
            "done_per_second": 2.5, "paused": false,
        ],
        "workers": [
            "live": 1, "slots": 4, "busy": 1,
            "list": [
                [
                    "id": Example.workerID, "host": "darkroom", "slots": 4, "busy": 1, "version": "1.0.0",
                    "seen_at": Example.createdAt, "draining": false,
                    "jobs": [
                        ["job_id": Example.jobID, "kind": "process", "progress": 0.4, "started_at": Example.createdAt]
                    ],
                ]
            ],
        ], "backlog_per_worker": 1,
    ]
}

extension Example {
    static let workerID: JSON = "01989c6f-0000-7a40-8d0e-3c97e5f1a264"
}

extension Schema {
    fileprivate static let overview = Schema.object(
        "How the deployment stands.",
        [
            "at": .time("When it was looked at."), "version": Schema("string", "Of the process that answers."),
            "uptime_seconds": .seconds("Of the process that answers."),
            "paused": Schema("boolean", "Whether workers were told to take no pictures."),
            "status": Schema(
                "string", "As `/health` has it.", ["enum": ["healthy", "degraded", "unhealthy"]]),
            "now": Schema.historySlot.orNull, "components": .components, "queue": .queueFigures,
            "workers": .workers(
                of: .object(
                    "",
                    required: Schema.workerMembers.map { ($0.key, $0.value) } + [
                        (
                            "jobs",
                            .array(
                                of: .object(
                                    "",
                                    [
                                        "job_id": .id("The job's id."),
                                        "kind": .word(of: JobKind.self, "What it does."),
                                        "progress": Schema("number", "How far it is.", ["minimum": 0, "maximum": 1]),
                                        "started_at": Schema.time("When it was begun.").orNull,
                                    ]), "What it works on.")
                        )
                    ])),
            "backlog_per_worker": Schema("number", "As `/health` has it.", ["minimum": 0]),
        ]
    ).named("Overview")

    fileprivate static let historySlot = Schema.object(
        "What was done in ten seconds.",
        [
            "at": .time("When they begin."), "submitted": .count("Jobs that were accepted."),
            "done": .count("Jobs that ended well."), "failed": .count("Jobs that ended as failed."),
            "bytes_in": .count("Of sources."), "bytes_out": .count("Of results."),
            "depth": .count("The most ready jobs that were seen."),
            "in_progress": .count("The most running jobs that were seen."),
            "wait": Schema.percentiles.orNull, "run": Schema.percentiles.orNull,
        ]
    ).named("HistorySlot")

    private static let percentiles = Schema.object(
        "In seconds, to within a fifth; null where nothing was counted.",
        ["p50": .seconds("Half take no longer."), "p95": .seconds("Of a hundred, 95."), "p99": .seconds("99.")]
    ).named("Percentiles")
}
