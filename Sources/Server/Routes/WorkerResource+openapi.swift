import HTTPTypes

extension RouteDescription {
    static let pauseQueue = pause(
        "pauseQueue", "Has all workers take no more pictures",
        "They end what they have. Uploads and submissions are accepted as ever, and wait; webhooks go on.", paused: true
    )

    static let resumeQueue = pause("resumeQueue", "Has workers take pictures again", "", paused: false)

    static let drainWorker = drain(
        "drainWorker", "Has one worker take no more pictures",
        "It ends what it has, and can then be taken away without delaying a job.", draining: true)

    static let resumeWorker = drain("resumeWorker", "Has one worker take pictures again", "", draining: false)

    private static func pause(_ name: String, _ summary: String, _ details: String, paused: Bool) -> RouteDescription {
        RouteDescription(
            name, .operating, summary, "\(details) Workers hear of it within five seconds.".trimmed,
            answers: [
                Outcome(
                    .ok, "So it is.",
                    Schema.object(
                        "Whether there is a pause.", ["paused": Schema("boolean", "Whether workers take no pictures.")]
                    ).named("Pause"), example: ["paused": .bool(paused)])
            ],
            problems: backendProblems)
    }

    private static func drain(_ name: String, _ summary: String, _ details: String, draining: Bool) -> RouteDescription
    {
        RouteDescription(
            name, .operating, summary, "\(details) It hears of it within five seconds.".trimmed,
            parameters: [Parameter(.path, "id", "The worker's id.", .id(""), example: Example.workerID)],
            answers: [
                Outcome(
                    .ok, "So it is.",
                    Schema.object(
                        "What a worker was told.",
                        ["id": .id("The worker's id."), "draining": Schema("boolean", "Whether it takes no pictures.")]
                    ).named("Drain"), example: ["id": Example.workerID, "draining": .bool(draining)])
            ],
            problems: [.notFound] + backendProblems)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
