import Jobs

extension Batch {
    /// The body of `/status/{id}`.
    func json(_ page: BatchPage, in store: any JobStore) async throws -> JSON {
        let images = try await store.images(of: id, from: page.start, limit: page.limit)
        let end = page.start + images.count
        let next = images.count < page.limit || end >= total ? nil : end
        return .object(
            counts + [("images", .array(images.map { $0.json(publicURL) })), ("next_cursor", JSON(next))])
    }

    /// What its receiver is told; the images are where the links lead.
    var summary: JSON {
        .object(
            counts + [
                ("status_url", .string(publicURL + Links.status(id))),
                ("csv_url", .string(publicURL + Links.report(id))),
            ])
    }

    private var counts: [(name: String, value: JSON)] {
        [
            ("request_id", JSON(id)), ("batch_id", JSON(id)),
            ("status", .string(isComplete ? "complete" : "processing")), ("total", .integer(total)),
            ("done", .integer(done)), ("failed", .integer(failed)), ("created_at", JSON(createdAt)),
            ("finished_at", JSON(finishedAt)),
        ]
    }
}

extension BatchImage {
    /// What clients are told of an image's job.
    var status: String {
        switch job?.state {
        case .queued, .processing: "pending"
        case .done: "complete"
        case .failed, .canceled, nil: "failed"
        }
    }

    /// Why there will be no result; `nil` where there is one, or may be.
    var error: String? {
        guard let job else { return entry.failure?.message ?? "its time is over" }
        return job.reasonForNoResult
    }

    /// Where the result is; `nil` where there is none.
    func output(_ publicURL: String) -> String? {
        guard let job, job.state == .done else { return nil }
        return publicURL + Links.download(job.id)
    }

    fileprivate func json(_ publicURL: String) -> JSON {
        [
            "product_name": .string(entry.productName), "serial_number": .string(entry.serialNumber),
            "line": .integer(entry.line), "input": .string(entry.url), "output": JSON(output(publicURL)),
            "status": .string(status), "error": JSON(error), "job_id": JSON(job?.id),
        ]
    }
}
