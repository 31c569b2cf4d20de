import HTTPTypes
import Imaging
import Jobs

/// `POST /upload`: one picture or several, each in a part named `file`, or a CSV of URLs.
struct UploadResource: Resource {
    let intake: Intake
    let links: Links
    let limits: UploadLimits

    var routes: [Route] {
        [Route(.post, "/upload", .upload) { [self] in try await upload($0) }]
    }

    private func upload(_ request: IncomingRequest) async throws -> Answer {
        try await request.withUpload(for: intake, limits) { upload in
            if let sheet = upload.sheet { return try await accept(sheet, upload.form, request) }
            // Pictures make no job; but a key that is none is wrong wherever it is sent.
            _ = try request.idempotencyKey(of: "upload", .null)
            let files = try await accept(upload.files)
            return Answer(.created, json: files.count == 1 ? files[0].json : ["files": .array(files.map(\.json))])
        }
    }

    private func accept(_ sheet: ArrivingSheet, _ form: Fields, _ request: IncomingRequest) async throws -> Answer {
        var members = try form.unique().mapValues(JSONValue.string)
        let terms = try SubmissionTerms(takenFrom: &members, publicURL: links.base(for: request))
        let plan = try PlanRequest(members.isEmpty ? Self.usualPlan : members).plan()
        let meaning: JSONValue = [
            "plan": plan.json, "terms": .string(terms.meaning), "sha256": .string("\(sheet.sha256)"),
        ]
        let (batch, isRepeated) = try await intake.submit(
            sheet.entries, plan: plan, on: terms, key: request.idempotencyKey(of: "upload", meaning))
        var fields: HTTPFields = [.location: Links.status(batch.id)]
        if isRepeated { fields[.idempotencyReplayed] = "true" }
        let answer: JSON = [
            "request_id": JSON(batch.id), "batch_id": JSON(batch.id), "total": .integer(batch.total),
            "status_url": .string(batch.publicURL + Links.status(batch.id)),
        ]
        return Answer(.accepted, json: answer, fields: fields)
    }

    /// Pictures of a catalogue are made smaller, where nothing else is said.
    private static let usualPlan: [String: JSONValue] = ["operations": [["type": "compress"]]]

    private func accept(_ uploads: [ArrivingFile]) async throws -> [StoredFile] {
        var files: [StoredFile] = []
        do {
            for upload in uploads {
                files.append(try await intake.accept(upload.received, named: upload.name))
            }
        } catch {
            // The answer will not name them, so nobody could ever ask for them; what cannot be deleted now expires.
            // All at once: a store that has fallen silent shall not keep the client waiting for each.
            await withDiscardingTaskGroup { group in
                for file in files { group.addTask { try? await intake.delete(file.id) } }
            }
            throw error
        }
        return files
    }
}

extension Problem {
    static func fileTooLarge(limit: Int) -> Problem {
        Problem(.fileTooLarge, "a file may have \(limit) bytes", parameter: "file")
    }
}
