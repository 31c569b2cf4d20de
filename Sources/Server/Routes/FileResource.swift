import HTTPTypes
import Jobs

/// Uploaded files: `/list`, and `DELETE /files/{file_id}`.
struct FileResource: Resource {
    let intake: Intake

    var routes: [Route] {
        [
            Route(.get, "/list", .listFiles) { [self] in try await list($0) },
            Route(.delete, "/files/{file_id}", .deleteFile) { [self] request in
                try await intake.delete(request.identifier(FileID.self))
                return Answer(.noContent)
            },
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> Answer {
        let page = try Page(request.query)
        // One more than is shown tells whether there is a next page.
        let files = try await intake.store.files(after: page.start { FileID($0) }, limit: page.limit + 1)
        let shown = files.prefix(page.limit)
        return Answer(json: [
            "files": .array(shown.map(\.json)),
            "next_cursor": files.count > page.limit ? JSON(shown.last?.id) : .null,
        ])
    }
}
