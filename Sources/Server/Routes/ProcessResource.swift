import Crypto
import HTTPTypes
import Imaging
import Jobs

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `POST /process/{file_id}`: a plan for a file.
struct ProcessResource: Resource {
    let intake: Intake
    let links: Links

    var routes: [Route] {
        [Route(.post, "/process/{file_id}", .process) { [self] in try await process($0) }]
    }

    private func process(_ request: IncomingRequest) async throws -> Answer {
        let file = try request.identifier(FileID.self)
        var members = try await request.planMembers()
        let terms = try SubmissionTerms(takenFrom: &members, publicURL: links.base(for: request))
        let plan = try PlanRequest(members).plan()
        let submission = try await intake.submit(
            plan, for: file, on: terms, key: request.idempotencyKey(of: "process \(file) \(terms.meaning)", plan.json))
        return try await request.answer(submission, of: intake, accepted: accepted) { $0.json }
    }

    private func accepted(_ job: Job) -> JSON {
        [
            "processing_id": JSON(job.id), "job_id": JSON(job.id), "file_id": JSON(job.source.file),
            "status": .string(job.state.rawValue), "cached": .bool(job.isCached),
            "status_url": .string(job.publicURL + Links.status(job.id)),
            "download_url": .string(job.publicURL + Links.download(job.id)),
        ]
    }
}

extension IncomingRequest {
    /// The client's key, where it sent one, with a digest of what it stands for.
    ///
    /// - Parameters:
    ///   - action: the route and what it names.
    ///   - meaning: the body as it was understood, so that the same request is the same in any spelling.
    func idempotencyKey(of action: String, _ meaning: JSONValue) throws -> IdempotencyKey? {
        guard let field = fields[.idempotencyKey] else { return nil }
        // The draft writes it as a string in quotes; most clients leave them out.
        let isQuoted = field.utf8.count >= 2 && field.first == "\"" && field.last == "\""
        let key = isQuoted ? String(field.dropFirst().dropLast()) : field
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem.invalid("Idempotency-Key", given: key, allowed: "1 to 255 characters of visible ASCII")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var hash = SHA256()
        hash.update(data: Data("\(action)\n".utf8))
        hash.update(data: try encoder.encode(meaning))
        return IdempotencyKey(key: key, fingerprint: ContentDigest(hash.finalize()).description)
    }
}
