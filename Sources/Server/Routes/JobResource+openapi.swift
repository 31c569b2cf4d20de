import HTTPTypes
import Jobs

extension RouteDescription {
    static let listJobs = RouteDescription(
        "listJobs", .jobs, "Lists jobs", "Newest first.",
        parameters: [
            Parameter(.query, "status", "Only those in this state.", .jobState),
            Parameter(
                .query, "kind", "Only those of this kind; `webhook` is a delivery.", .word(of: JobKind.self, "")),
            Parameter(.query, "batch_id", "Only those of this batch.", .id("")),
        ] + Parameter.page,
        answers: [
            Outcome(
                .ok, "A page of jobs.",
                Schema.object("A page of jobs.", ["jobs": .array(of: .job), "next_cursor": .nextCursor])
                    .named("JobList"),
                example: ["jobs": [Example.job], "next_cursor": nil])
        ],
        problems: backendProblems)

    static let jobStory = RouteDescription(
        "getJob", .operating, "Tells a job's whole story",
        """
        Its status, and what became of each try. A try that ended without a word is missing, because its process died or \
        handed the job back: `fence` counts them all.
        """, parameters: [.jobID],
        answers: [Outcome(.ok, "The job.", .story, example: Example.story)],
        problems: [.notFound, .expired] + backendProblems)

    static let retryJob = RouteDescription(
        "retryJob", .jobs, "Runs a failed job again", parameters: [.jobID],
        answers: [
            Outcome(
                .accepted, "It will be done again.", .job, example: Example.job,
                fields: ["Location": "The job's status."])
        ],
        problems: [.notFound, .expired, .notFailed, .sourceGone] + backendProblems)

    static let cancelJob = RouteDescription(
        "cancelJob", .jobs, "Cancels a job that has not ended", parameters: [.jobID],
        answers: [Outcome(.ok, "It is canceled.", .job, example: Example.job)],
        problems: [.notFound, .expired, .alreadyFinal] + backendProblems)
}
