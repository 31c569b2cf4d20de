import Crypto
import HTTPTypes
import NIOCore

/// `/openapi.json`, and the page at `/docs` that reads it.
struct DocumentResource: Resource {
    let routes: [Route]

    /// - Parameter others: every other resource of the process.
    init(describing others: [any Resource], settings: ServerSettings) {
        let pages = [
            Route(.get, "/docs", .docs, handler: Asset(PackageResources.docs_html, "text/html").answer),
            Route(.get, "/docs/docs.css", .docsStyle, handler: Asset(PackageResources.docs_css, "text/css").answer),
            Route(
                .get, "/docs/docs.js", .docsScript, handler: Asset(PackageResources.docs_js, "text/javascript").answer),
        ]
        // It describes itself too, before it can be made.
        var description = Route(.get, "/openapi.json", .openAPI) { _ in Answer(.noContent) }
        let document = OpenAPIDocument(
            routes: others.flatMap(\.routes) + [description] + pages, title: "Tintype", version: settings.version)
        description.handler = Asset(document.text.readableBytesView, "application/json").answer
        routes = [description] + pages
    }
}

/// Bytes that stay as they are for as long as the process runs.
private struct Asset: Sendable {
    private let fields: HTTPFields
    private let tag: EntityTag
    private let bytes: ByteBuffer

    init(_ bytes: some Collection<UInt8>, _ type: String) {
        self.bytes = ByteBuffer(bytes: bytes)
        var hash = SHA256()
        hash.update(data: Array(bytes))
        tag = EntityTag(hash.finalize().prefix(12).map { String($0, radix: 16) }.joined())
        fields = [
            .contentType: type.hasPrefix("text/") ? type + "; charset=utf-8" : type,
            .eTag: tag.description,
            .cacheControl: "no-cache",
            .xContentTypeOptions: "nosniff",
            // The page shows what it fetched as pictures made from its own memory.
            .contentSecurityPolicy:
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ]
    }

    @Sendable func answer(to request: IncomingRequest) -> Answer {
        if tag.isListed(in: request.fields[.ifNoneMatch]) { return Answer(.notModified, fields: fields) }
        return Answer(.ok, fields: fields, body: .bytes(bytes))
    }
}

extension RouteDescription {
    fileprivate static let openAPI = RouteDescription(
        "getDescription", .documents, "Describes every route", "OpenAPI 3.1.", parameters: [ifNoneMatch],
        answers: [
            Outcome(
                .ok, "The description.",
                [Content("application/json", Schema("object", "An OpenAPI document."))], fields: ["ETag": "What it is."]
            ),
            notModified,
        ])

    fileprivate static let docs = page("getDocs", "text/html", "Shows the description to people, to try each route")
    fileprivate static let docsStyle = page("getDocsStyle", "text/css", "The style of `/docs`")
    fileprivate static let docsScript = page("getDocsScript", "text/javascript", "The script of `/docs`")

    private static func page(_ name: String, _ type: String, _ summary: String) -> RouteDescription {
        RouteDescription(
            name, .documents, summary, parameters: [ifNoneMatch],
            answers: [
                Outcome(.ok, "Its text.", [Content(type, Schema("string"))], fields: ["ETag": "What it is."]),
                notModified,
            ])
    }

    private static let ifNoneMatch = Parameter(
        .header, "If-None-Match", "An `ETag` that is here already.", Schema("string"))
    private static let notModified = Outcome(
        .notModified, "It is what the client has.", fields: ["ETag": "What it is."])
}
