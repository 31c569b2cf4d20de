import HTTPTypes
import Imaging
import Jobs

/// `GET /download/{id}`: a job's result.
struct DownloadResource: Resource {
    let intake: Intake

    var routes: [Route] {
        // `redirect` asks for a presigned URL where the storage has such; elsewhere the bytes themselves are the answer.
        [Route(.get, "/download/{id}", .download) { [self] in try await download($0) }]
    }

    private func download(_ request: IncomingRequest) async throws -> Answer {
        let disposition = try request.query.choice("disposition", Disposition.self) ?? .inline
        let wantsURL = try request.query.integer("redirect", in: 0...1) == 1
        let job = try await intake.store.job(request.identifier())
        let result = try job.finishedResult()
        do {
            return try await answer(to: request, with: result, of: job, disposition, wantsURL: wantsURL)
        } catch let error where error is DamagedResult || error as? ObjectStorageError == .missing(result.blob) {
            // Whoever asks for the same work again shall have it done, and not be referred to what is lost. Where the
            // store is away, the next one who comes here sees to it.
            try? await intake.store.uncacheResult(of: job)
            throw error
        }
    }

    private func answer(
        to request: IncomingRequest, with result: JobResult, of job: Job, _ disposition: Disposition, wantsURL: Bool
    ) async throws -> Answer {
        let tag = EntityTag(result.blob.rawValue.split(separator: "/").last ?? "")
        var fields = Self.fields(result, tag)
        // In the order of RFC 9110, section 13.2.2.
        guard tag.isAllowed(by: request.fields[.ifMatch]) else {
            throw Problem(.preconditionFailed, "the result's ETag is \(tag), which If-Match does not list")
        }
        if tag.isListed(in: request.fields[.ifNoneMatch]) { return Answer(.notModified, fields: fields) }

        let fileName = disposition.field(fileName: try await name(of: job, result))
        fields[.contentDisposition] = fileName
        // No reason to read anything; and a presigned URL is good for GET alone.
        if request.head.method == .head { return Answer(.ok, fields: fields, body: try await length(of: result)) }

        if wantsURL, let url = try await url(of: result, fileName) {
            return Answer(.temporaryRedirect, fields: [.location: url, .cacheControl: "no-store"])
        }

        // A client that holds another version must not be given a part of this one (RFC 9110, section 13.1.5).
        let isSameVersion = request.fields[.ifRange].map { $0 == tag.description } ?? true
        let wanted = isSameVersion ? request.fields[.range] : nil
        switch ByteRange(wanted, length: result.byteCount) {
        case .unsatisfiable:
            throw Problem(
                .rangeNotSatisfiable, "the file has \(result.byteCount) bytes",
                fields: [.contentRange: "bytes */\(result.byteCount)"])
        case .whole:
            return Answer(.ok, fields: fields, body: try await body(result, 0..<result.byteCount))
        case .part(let range):
            fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(result.byteCount)"
            return Answer(.partialContent, fields: fields, body: try await body(result, range))
        }
    }

    /// Where the storage itself gives the bytes out, for a few minutes.
    private func url(of result: JobResult, _ fileName: String) async throws -> String? {
        try await intake.storage.presignedURL(
            for: result.blob, contentType: result.content.contentType, contentDisposition: fileName,
            validFor: .seconds(300))
    }

    private func body(_ result: JobResult, _ range: Range<Int>) async throws -> Answer.Body {
        let reader = try await intake.storage.open(result.blob)
        do {
            try check(reader.byteCount, of: result)
        } catch {
            await reader.close()
            throw error
        }
        return .object(reader, range)
    }

    /// What stands for the body in the answer to a HEAD.
    private func length(of result: JobResult) async throws -> Answer.Body {
        guard let byteCount = try await intake.storage.byteCount(of: result.blob) else {
            throw ObjectStorageError.missing(result.blob)
        }
        try check(byteCount, of: result)
        return .absent(byteCount: byteCount)
    }

    private func check(_ byteCount: Int, of result: JobResult) throws(DamagedResult) {
        guard byteCount == result.byteCount else {
            throw DamagedResult(blob: result.blob, byteCount: byteCount, expected: result.byteCount)
        }
    }

    /// The original's name with the result's extension; the job's id where the original is gone.
    private func name(of job: Job, _ result: JobResult) async throws -> String {
        let ending = "." + result.content.fileExtension
        guard let file = job.source.file else { return "\(job.id)\(ending)" }
        do {
            let original = try await intake.store.file(file).name
            let stem = original.lastIndex(of: ".").map { original[..<$0] } ?? original[...]
            return (stem.isEmpty ? "picture" : stem) + ending
        } catch JobStoreError.unknown, JobStoreError.expired {
            return "\(job.id)\(ending)"
        }
    }

    /// The bytes come from strangers, so the browser is told to take them for a picture and nothing else.
    private static func fields(_ result: JobResult, _ tag: EntityTag) -> HTTPFields {
        [
            .contentType: result.content.contentType,
            .eTag: tag.description,
            .acceptRanges: "bytes",
            // A result never changes, but it may be deleted: it may be kept, and asked for again.
            .cacheControl: "private, no-cache",
            .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
            .crossOriginResourcePolicy: "cross-origin",
        ]
    }
}

extension Job {
    /// - Throws: a ``Problem`` where there is no result, or not yet.
    func finishedResult() throws(Problem) -> JobResult {
        switch (state, result) {
        case (.done, let result?): return result
        case (.failed, _):
            let failure = failure.map { "\($0.code): \($0.message)" } ?? "for a reason that was not recorded"
            throw Problem(.jobFailed, failure)
        case (.done, nil): throw Problem(.notFound, "the job makes nothing that could be downloaded")
        case (.canceled, _): throw Problem(.canceled, "the job was canceled, so there is no result")
        default:
            throw Problem(
                .notFinished, "the job is \(state.rawValue); ask /status/\(id)?wait=30", fields: [.retryAfter: "1"])
        }
    }
}

/// The storage holds other bytes than were put there: nothing that a client could do anything about.
struct DamagedResult: Error {
    let blob: BlobKey
    let byteCount: Int
    let expected: Int
}
