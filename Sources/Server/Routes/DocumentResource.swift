import HTTPTypes
import NIOCore

/// `/openapi.json`, and the page at `/docs` that reads it.
struct DocumentResource: Resource {
    let routes: [Route]

    /// - Parameter others: every other resource of the process.
    init(describing others: [any Resource], settings: ServerSettings) {
        let pages = [
            Self.route("/docs", .docs, PackageResources.docs_html, "text/html"),
            Self.route("/docs/docs.css", .docsStyle, PackageResources.docs_css, "text/css"),
            Self.route("/docs/docs.js", .docsScript, PackageResources.docs_js, "text/javascript"),
        ]
        // It describes itself too, before it can be made.
        var description = Route(.get, "/openapi.json", .openAPI) { _ in Answer(.noContent) }
        let document = OpenAPIDocument(
            routes: others.flatMap(\.routes) + [description] + pages, title: "Tintype", version: settings.version)
        let text = Asset(document.text.readableBytesView, "application/json")
        description.handler = { text.answer(to: $0) }
        routes = [description] + pages
    }

    private static func route(
        _ path: String, _ description: RouteDescription, _ bytes: [UInt8], _ type: String
    ) -> Route {
        let asset = Asset(bytes, type)
        return Route(.get, path, description) { asset.answer(to: $0) }
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

    static let ifNoneMatch = Parameter(
        .header, "If-None-Match", "An `ETag` that is here already.", Schema("string"))
    static let notModified = Outcome(
        .notModified, "It is what the client has.", fields: ["ETag": "What it is."])
}
