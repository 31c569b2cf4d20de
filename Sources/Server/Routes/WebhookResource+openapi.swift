import HTTPTypes
import Jobs

extension RouteDescription {
    static let receiveWebhook = RouteDescription(
        "receiveWebhook", .webhooks, "Takes a webhook",
        """
        A receiver to try webhooks with. Where `WEBHOOK_SECRET` is set the signature is checked, as the Standard Webhooks \
        specification says; what came is remembered either way.
        """,
        parameters: WebhookDescription.fields(areRequired: false),
        body: [
            Content(
                "application/json", .anything("A webhook; whatever it is, it is remembered as it came."),
                examples: [("job", Example.job), ("batch", Example.batchSummary)])
        ],
        mayLackBody: true,
        answers: [Outcome(.noContent, "It is taken.")], problems: [.bodyTooLarge, .unverifiedWebhook])

    static let listReceivedWebhooks = RouteDescription(
        "listReceivedWebhooks", .webhooks, "Shows the webhooks that came",
        "The last 100 that came to the process that answers, newest first.",
        answers: [
            Outcome(
                .ok, "What came.",
                Schema.object(
                    "Webhooks that came.",
                    [
                        "received": .array(
                            of: Schema.object(
                                "A webhook that came.",
                                [
                                    "webhook_id": Schema("string", "The same on every try.").orNull,
                                    "received_at": .time("When it came."),
                                    "verified": Schema("boolean", "Whether its signature was checked, and fits."),
                                    "error": Schema("string", "Why its signature does not fit.").orNull,
                                    "body": Schema("string", "As it came."),
                                ]
                            ).named("ReceivedWebhook"))
                    ]
                ).named("ReceivedWebhooks"),
                example: [
                    "received": [
                        [
                            "webhook_id": Example.jobID, "received_at": Example.createdAt, "verified": true,
                            "error": nil,
                            "body": "{\"job_id\":\"01989c6f-61b8-7a40-8d0e-3c97e5f1a264\",\"status\":\"done\"}",
                        ]
                    ]
                ])
        ])
}

/// What is posted to receivers.
enum WebhookDescription {
    /// - Parameter areRequired: but the signature, which is there where there is a secret.
    static func fields(areRequired: Bool) -> [RouteDescription.Parameter] {
        [
            .init(
                .header, WebhookSignature.idField, "Names the webhook: the same on every try.", Schema("string"),
                isRequired: areRequired),
            .init(
                .header, WebhookSignature.timestampField, "When this try was made: seconds since 1970.",
                Schema("string"), isRequired: areRequired),
            .init(
                .header, WebhookSignature.signatureField,
                "One signature or several, blanks between them: `v1,` and base64.",
                Schema("string")),
        ]
    }
}

extension Schema {
    static let webhook = Schema.any(of: [.job, batchSummary], "The status of a job that has ended, or of a batch.")

    private static let batchSummary = Schema.object(
        "A batch that is complete.",
        [
            "request_id": .id("The batch's id, under its older name."), "batch_id": .id("The batch's id."),
            "status": Schema("string", "", ["const": "complete"]), "total": .count("How many images there are."),
            "done": .count("How many have a result."), "failed": .count("How many have none."),
            "created_at": .time("When it was uploaded."), "finished_at": .time("When its last job ended."),
            "status_url": url("Where its status is, image by image."), "csv_url": url("Where its rows are, as CSV."),
        ]
    ).named("BatchSummary")
}

extension Example {
    static let batchSummary: JSON = [
        "request_id": batchID, "batch_id": batchID, "status": "complete", "total": 1, "done": 1, "failed": 0,
        "created_at": createdAt, "finished_at": "2026-03-01T09:30:02.500Z",
        "status_url": "https://pictures.example/status/01989c70-0a14-7d02-b3c1-5b1f0c9e7d33",
        "csv_url": "https://pictures.example/batches/01989c70-0a14-7d02-b3c1-5b1f0c9e7d33.csv",
    ]
}
