import HTTPTypes

extension RouteDescription {
    static let service = RouteDescription(
        "getService", .operating, "Says who is there",
        answers: [
            Outcome(
                .ok, "The service.",
                Schema.object(
                    "Who is there.",
                    [
                        "status": Schema("string", "", ["const": "healthy"]), "service": Schema("string", "Its name."),
                        "version": Schema("string", "Its version."),
                    ]
                ).named("Service"),
                example: ["status": "healthy", "service": "tintype", "version": "1.0.0"]),
            Outcome(.seeOther, "A browser is led to `/ui`.", fields: ["Location": "`/ui`"]),
        ])

    static let live = RouteDescription(
        "getLiveness", .operating, "Says that the process runs", "For a container's own check: no back end is asked.",
        answers: [
            Outcome(
                .ok, "It runs.", .object("", ["status": Schema("string", "", ["const": "live"])]),
                example: ["status": "live"])
        ])

    static let ready = RouteDescription(
        "getReadiness", .operating, "Says whether the process takes work",
        "For a load balancer: no back end is asked, and it says no from the moment when the process is asked to stop.",
        answers: [
            Outcome(
                .ok, "It takes work.", .object("", ["status": Schema("string", "", ["const": "ready"])]),
                example: ["status": "ready"])
        ],
        problems: [.draining])

    static let health = RouteDescription(
        "getHealth", .operating, "Tells how the whole deployment stands", "At most a second old.",
        answers: [
            Outcome(.ok, "It works, or does without something.", report, example: example(status: "healthy")),
            Outcome(
                .serviceUnavailable, "The store is away.", report, example: example(status: "unhealthy")),
        ])

    private static func example(status: JSON) -> JSON {
        [
            "status": status, "version": "1.0.0", "uptime_seconds": 86_400.25, "redis": "not configured",
            "components": [
                "store": ["kind": "sqlite", "status": status.isHealthy ? "up" : "down", "latency_ms": 0.2],
                "queue": ["kind": "sqlite", "status": status.isHealthy ? "up" : "down", "latency_ms": 0.1],
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
                        "id": "01989c6f-0000-7a40-8d0e-3c97e5f1a264", "host": "darkroom", "slots": 4, "busy": 1,
                        "version": "1.0.0", "seen_at": Example.createdAt, "draining": false,
                    ]
                ],
            ], "backlog_per_worker": 1,
        ]
    }

    private static let report = Schema.object(
        "How the deployment stands.",
        [
            "status": Schema(
                "string", "`unhealthy` without its store, `degraded` without another part.",
                ["enum": ["healthy", "degraded", "unhealthy"]]),
            "version": Schema("string", "Of the process that answers."),
            "uptime_seconds": .seconds("Of the process that answers."),
            "redis": Schema("string", "", ["enum": ["connected", "disconnected", "not configured"]]),
            "components": .components, "queue": .queueFigures,
            "workers": .workers(of: .object("", Schema.workerMembers)),
            "backlog_per_worker": Schema(
                "number", "Ready and running jobs for each live worker: the figure to scale on.", ["minimum": 0]),
        ]
    ).named("Health")
}

extension Schema {
    static let components = Schema.object(
        "What the deployment is built on.", ["store": component, "queue": component, "storage": component])

    private static let component = Schema.object(
        "",
        [
            "kind": Schema("string", "What it is."), "status": Schema("string", "", ["enum": ["up", "down"]]),
            "latency_ms": Schema("number", "How long it took to answer.", ["minimum": 0]),
        ]
    ).named("Component")

    static let queueFigures = Schema.object(
        "The jobs.",
        [
            "depth": .count("Ready to run."), "delayed": .count("Waiting for their time."),
            "in_progress": .count("That a worker has."), "dead": .count("Ended as failed."),
            "oldest_seconds": .seconds("Age of the ready job that waited longest."),
            "enqueued_per_second": .seconds("Lately."), "done_per_second": .seconds("Lately."),
            "paused": Schema("boolean", "Whether workers were told to take no pictures."),
        ])

    static func workers(of worker: Schema) -> Schema {
        .object(
            "Who does the jobs.",
            [
                "live": .count("How many there are."), "slots": .count("Jobs that can run at once."),
                "busy": .count("Jobs that run now."), "list": .array(of: worker),
            ])
    }

    static let workerMembers: KeyValuePairs<String, Schema> = [
        "id": .id("Of one start of one process."), "host": Schema("string", "Where it runs."),
        "slots": .count("Jobs that it can run at once."), "busy": .count("Jobs that it runs."),
        "version": Schema("string", "Its version."), "seen_at": .time("When it last said so."),
        "draining": Schema("boolean", "Whether it was told to take no pictures."),
    ]
}

extension JSON {
    fileprivate var isHealthy: Bool { if case .string("healthy") = self { true } else { false } }
}
