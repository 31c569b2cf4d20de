import HTTPTypes
import Imaging
import Jobs

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Descriptions: `POST /submit` takes a picture, `GET /result/{job_id}` says what is to be seen on it.
struct DescriptionResource: Resource {
    let intake: Intake
    let links: Links
    /// In bytes.
    let maxFileSize: Int

    var routes: [Route] {
        [
            Route(.post, "/submit", .submit) { [self] in try await submit($0) },
            Route(.get, "/result/{job_id}", .result) { [self] in
                Answer(json: try await result(of: intake.store.job($0.identifier())))
            },
        ]
    }

    private func submit(_ request: IncomingRequest) async throws -> Answer {
        let publicURL = try links.base(for: request)
        let limits = UploadLimits(fileSize: maxFileSize, formFields: Set(SubmissionTerms.memberNames))
        let (file, submission) = try await request.withUpload(for: intake, limits) { upload in
            guard upload.files.count == 1 else {
                throw Problem(.tooManyParts, "one picture is described at a time", parameter: "file")
            }
            var members = try upload.form.unique().mapValues(JSONValue.string)
            let terms = try SubmissionTerms(takenFrom: &members, publicURL: publicURL)
            _ = try intake.webhookURL(for: terms)
            let upload = upload.files[0]
            let key = try request.idempotencyKey(
                of: "submit \(terms.meaning)", .string("\(upload.received.sha256)"))
            let file = try await intake.accept(upload.received, named: upload.name)
            do {
                return (file, try await intake.submitDescription(of: file, on: terms, key: key))
            } catch {
                // Where the store did not answer, the job may have been recorded all the same, and needs its file. Else
                // nobody is told of it.
                if case JobStoreError.unavailable = error {} else { try? await intake.delete(file.id) }
                throw error
            }
        }
        // The first request brought the same picture.
        if case .repeated = submission { try? await intake.delete(file.id) }
        return try await request.answer(submission, of: intake, accepted: accepted, finished: finished)
    }

    private func accepted(_ job: Job) -> JSON {
        [
            "job_id": JSON(job.id), "status": .string(job.state.rawValue), "file_id": JSON(job.source.file),
            "cached": .bool(job.isCached), "status_url": .string(job.publicURL + Links.status(job.id)),
            "result_url": .string(job.publicURL + Links.result(job.id)),
        ]
    }

    private func finished(_ job: Job) async throws -> JSON {
        job.state == .done ? try await result(of: job) : job.json
    }

    /// - Throws: a ``Problem`` where there is none, or not yet.
    private func result(of job: Job) async throws -> JSON {
        switch job.task {
        case .describe: break
        case .develop: throw Problem(.notFound, "the job makes a picture, which is at \(Links.download(job.id))")
        case .deliver: throw Problem(.notFound, "the job describes nothing: it delivers a webhook")
        }
        let blob = try job.finishedResult().blob
        let reader = try await intake.storage.open(blob)
        let bytes: [UInt8]
        do {
            bytes = try await reader.readAll()
            await reader.close()
        } catch {
            await reader.close()
            throw error
        }
        guard case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
            throw DamagedResult(blob: blob, byteCount: bytes.count, expected: bytes.count)
        }
        let facts = members.sorted { $0.key < $1.key }.map { (name: $0.key, value: JSON($0.value)) }
        return .object(
            [("job_id", JSON(job.id)), ("status", .string(job.state.rawValue)), ("cached", .bool(job.isCached))] + facts
        )
    }
}

extension ObjectReader {
    /// All of it; for what is known to be small.
    fileprivate func readAll() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < byteCount {
            let piece = try await read(at: bytes.count, count: byteCount - bytes.count)
            guard !piece.isEmpty else { throw ObjectStorageError.unavailable(reason: "the object ended early") }
            bytes += piece
        }
        return bytes
    }
}
