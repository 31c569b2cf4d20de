import HTTPTypes
import Imaging
import Jobs
import NIOCore

/// `GET /preview/{file_id}`: a small picture at once, for whoever is still choosing a plan.
struct PreviewResource: Resource {
    let intake: Intake

    var routes: [Route] {
        [Route(.get, "/preview/{file_id}", .preview) { [self] in try await preview($0) }]
    }

    private func preview(_ request: IncomingRequest) async throws -> Answer {
        let file = try request.identifier(FileID.self)
        let side = try request.query.integer("side", in: Intake.previewSides) ?? Self.usualSide
        var members = try request.query.unique().mapValues(JSONValue.string)
        members["side"] = nil
        let plan = members.isEmpty ? nil : try PlanRequest(members).plan()
        let order = try await intake.previewOrder(for: file, by: plan, side: side)
        let tag = EntityTag(order.key.description)
        let fields: HTTPFields = [
            .eTag: tag.description, .cacheControl: "private, no-cache", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
        ]
        if tag.isListed(in: request.fields[.ifNoneMatch]) { return Answer(.notModified, fields: fields) }
        let preview = try await made(order)
        var answer = Answer(.ok, fields: fields, body: .bytes(ByteBuffer(bytes: preview.bytes)))
        answer.fields[.contentType] = preview.format.contentType
        return answer
    }

    /// - Throws: a ``Problem`` also for what would end a job, since nobody tries a preview again.
    private func made(_ order: PreviewOrder) async throws -> Preview {
        do {
            return try await intake.preview(order)
        } catch PictureError.timedOut(let limit) {
            throw Problem(
                .previewFailed, "it takes longer than the \(limit.components.seconds) s of a preview; a job may")
        } catch PictureError.crashed {
            throw Problem(.previewFailed, "the process that made it died")
        }
    }

    static let usualSide = 480
}
