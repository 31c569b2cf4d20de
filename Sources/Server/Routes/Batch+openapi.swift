import HTTPTypes
import Jobs

extension Schema {
    /// What ``Jobs/Batch/json(_:next:)`` makes.
    static let batch = Schema.object(
        "The jobs of a CSV.",
        [
            "request_id": .id("The batch's id, under its older name."),
            "batch_id": .id("The batch's id."),
            "status": Schema(
                "string", "`complete` once every image is.", ["enum": ["processing", "complete"]]),
            "total": .count("How many images there are."),
            "done": .count("How many have a result."),
            "failed": .count("How many will have none."),
            "created_at": .time("When it was uploaded."),
            "finished_at": Schema.time("When its last job ended.").orNull,
            "images": .array(
                of: Schema.object(
                    "One URL of a row.",
                    [
                        "product_name": Schema("string", "As the row has it."),
                        "serial_number": Schema("string", "As the row has it."),
                        "line": .count("Of the CSV."),
                        "input": Schema("string", "As the row has it."),
                        "output": url("Where the result is.").orNull,
                        "status": Schema("string", "", ["enum": ["pending", "complete", "failed"]]),
                        "error": Schema("string", "Why there is no result.").orNull,
                        "job_id": Schema.id("The job that it became.").orNull,
                    ]
                ).named("BatchImage"), "A page of them, in the order of the rows."),
            "next_cursor": Schema("string", "Where the next page begins; null on the last.").orNull,
        ]
    ).named("Batch")

    static let batchCounts = Schema.object(
        "How a batch stands.",
        [
            "request_id": .id("The batch's id, under its older name."), "batch_id": .id("The batch's id."),
            "status": Schema("string", "`complete` once every image is.", ["enum": ["processing", "complete"]]),
            "total": .count("How many images there are."), "done": .count("How many have a result."),
            "failed": .count("How many will have none."), "created_at": .time("When it was uploaded."),
            "finished_at": Schema.time("When its last job ended.").orNull,
            "status_url": url("Where its status is, image by image."), "csv_url": url("Where its rows are, as CSV."),
        ]
    ).named("BatchCounts")

    static let acceptedBatch = Schema.object(
        "A batch whose jobs will be done.",
        [
            "request_id": .id("The batch's id, under its older name."), "batch_id": .id("The batch's id."),
            "total": .count("How many images there are."), "status_url": url("Where its status is."),
        ]
    ).named("AcceptedBatch")
}

extension Example {
    static let batchID: JSON = "01989c70-0a14-7d02-b3c1-5b1f0c9e7d33"

    static let acceptedBatch: JSON = [
        "request_id": batchID, "batch_id": batchID, "total": 1,
        "status_url": "https://pictures.example/status/01989c70-0a14-7d02-b3c1-5b1f0c9e7d33",
    ]

    static let batch: JSON = [
        "request_id": batchID, "batch_id": batchID, "status": "complete", "total": 1, "done": 1, "failed": 0,
        "created_at": createdAt, "finished_at": "2026-03-01T09:30:02.500Z",
        "images": [
            [
                "product_name": "Lamp", "serial_number": "1", "line": 2, "input": "https://shop.example/lamp.jpg",
                "output": downloadURL, "status": "complete", "error": nil, "job_id": jobID,
            ]
        ], "next_cursor": nil,
    ]
}

extension RouteDescription {
    static let listBatches = RouteDescription(
        "listBatches", .operating, "Lists batches", "Newest first.", parameters: Parameter.page,
        answers: [
            Outcome(
                .ok, "A page of batches.",
                Schema.object(
                    "A page of batches.", ["batches": .array(of: .batchCounts), "next_cursor": .nextCursor]
                ).named("BatchList"),
                example: ["batches": [Example.batchSummary], "next_cursor": nil])
        ],
        problems: backendProblems)

    static let batchReport = RouteDescription(
        "getBatchReport", .jobs, "Sends a batch's rows with what became of them",
        "Cells that a spreadsheet would run as formulas are defused.",
        parameters: [Parameter(.path, "id", "The batch's id.", .id(""), example: Example.batchID)],
        answers: [
            Outcome(
                .ok, "The rows.", [Content("text/csv", Schema("string"))],
                fields: ["Content-Disposition": "A name for the file."])
        ],
        problems: [.notFound, .expired] + backendProblems)
}
