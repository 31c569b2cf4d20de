import Imaging
import Jobs

extension Job {
    /// The body of `/status/{id}`.
    var json: JSON {
        let operations: JSON =
            if case .object(let members) = plan.json { JSON(members["operations"] ?? []) } else { [] }
        return [
            "processing_id": JSON(id),
            "job_id": JSON(id),
            "file_id": JSON(file),
            "status": .string(state.rawValue),
            "progress": .number(state == .done ? 1 : progress),
            "attempts": .integer(attempts),
            "priority": .string(priority.rawValue),
            "operations": operations,
            "cached": .bool(isCached),
            "created_at": JSON(createdAt),
            "started_at": JSON(startedAt),
            "finished_at": JSON(finishedAt),
            "error": failure?.json ?? .null,
            "result": result?.json ?? .null,
            "download_url": state == .failed || state == .canceled
                ? .null : .string(publicURL + Links.download(id)),
        ]
    }
}

extension JobFailure {
    fileprivate var json: JSON {
        ["code": .string(code), "message": .string(message), "retryable": .bool(isRetryable)]
    }
}

extension JobResult {
    fileprivate var json: JSON {
        [
            "format": .string(format.rawValue), "content_type": .string(format.contentType),
            "width": .integer(size.width), "height": .integer(size.height), "size": .integer(byteCount),
        ]
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
