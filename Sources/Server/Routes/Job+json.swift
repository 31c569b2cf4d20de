import Imaging
import Jobs

extension Job {
    /// The body of `/status/{id}`.
    var json: JSON {
        var members: [(name: String, value: JSON)] = []
        if case .develop = task { members.append(("processing_id", JSON(id))) }
        members += [("job_id", JSON(id)), ("kind", .string(task.kind.rawValue)), ("file_id", JSON(source.file))]
        switch (task, source.url) {
        case (.deliver(let delivery), let url): members += delivery.members(to: url, nextTryAt: nextTryAt)
        case (_, let url?): members.append(("source_url", .string(url)))
        case (_, nil): break
        }
        if let batch { members.append(("batch_id", JSON(batch))) }
        members += [
            ("status", .string(state.rawValue)),
            ("progress", .number(state == .done ? 1 : progress)),
            ("attempts", .integer(attempts)),
            ("priority", .string(priority.rawValue)),
        ]
        if let plan { members.append(("operations", plan.operationsJSON)) }
        members += [
            ("cached", .bool(isCached)),
            ("created_at", JSON(createdAt)),
            ("started_at", JSON(startedAt)),
            ("finished_at", JSON(finishedAt)),
            ("error", failure?.json ?? .null),
            ("result", result?.json ?? .null),
        ]
        switch task {
        case .develop: members.append(("download_url", url(of: Links.download(id))))
        case .describe: members.append(("result_url", url(of: Links.result(id))))
        case .deliver: break
        }
        return .object(members)
    }

    /// Where the result is, or will be; null where there will be none.
    private func url(of path: String) -> JSON {
        state == .failed || state == .canceled ? .null : .string(publicURL + path)
    }
}

extension Job {
    /// Why there will be no result, in the words of contracts that have one field for it; `nil` where there is one, or may
    /// be.
    var reasonForNoResult: String? {
        switch state {
        case .queued, .processing, .done: nil
        case .failed: failure?.message
        case .canceled: "canceled"
        }
    }
}

extension Job {
    /// `nil` where none is to come, or one is under way.
    fileprivate var nextTryAt: Timestamp? { state == .queued ? runAt : nil }
}

extension Delivery {
    /// What is told of a delivery alone. The path and query of the receiver's URL may be all that keeps others from it, so
    /// they stay with us.
    fileprivate func members(to url: String?, nextTryAt: Timestamp?) -> [(name: String, value: JSON)] {
        let subject: (name: String, value: JSON) =
            switch subject {
            case .job(let id): ("job_id", JSON(id))
            case .batch(let id): ("batch_id", JSON(id))
            }
        return [
            ("delivers", .object([subject])),
            ("receiver", JSON(url == Receiver.operators ? url : url.flatMap { try? SourceURL($0).origin })),
            ("next_try_at", JSON(nextTryAt)),
        ]
    }
}

extension Plan {
    fileprivate var operationsJSON: JSON {
        if case .object(let members) = json { JSON(members["operations"] ?? []) } else { [] }
    }
}

extension JobFailure {
    var json: JSON {
        ["code": .string(code), "message": .string(message), "retryable": .bool(isRetryable)]
    }
}

extension JobResult {
    fileprivate var json: JSON {
        switch content {
        case .picture(let format, let size):
            .object(
                [
                    ("format", .string(format.rawValue)), ("content_type", .string(content.contentType)),
                    ("width", .integer(size.width)), ("height", .integer(size.height)), ("size", .integer(byteCount)),
                ] + (facts.isEmpty ? [] : [("facts", .object(facts.map { ($0.name, .string($0.value)) }))]))
        case .description:
            ["content_type": .string(content.contentType), "size": .integer(byteCount)]
        }
    }
}

extension StoredFile {
    /// The body of an upload's answer, and an entry of `/list`.
    var json: JSON {
        [
            "file_id": JSON(id),
            "filename": .string(name),
            "content_type": .string(format.contentType),
            "format": .string(format.rawValue),
            "width": .integer(size.width),
            "height": .integer(size.height),
            "size": .integer(byteCount),
            "sha256": JSON(sha256),
            "duplicate": .bool(isDuplicate),
            "created_at": JSON(createdAt),
            "expires_at": JSON(expiresAt),
        ]
    }
}
