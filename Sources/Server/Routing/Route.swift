import HTTPTypes

/// One route: what it is asked with, by whom, and what answers.
struct Route: Sendable {
    enum Audience: Sendable {
        case everyone
        case operators
    }

    typealias Handler = @Sendable (IncomingRequest) async throws -> Answer

    let method: HTTPRequest.Method
    /// The path, with a name in braces for each part that varies: `/status/{id}`.
    let template: String
    /// The names that a query may hold; `nil` where the route judges them itself.
    let query: [String]?
    let audience: Audience
    let handler: Handler

    init(
        _ method: HTTPRequest.Method, _ template: String, query: [String]? = [], for audience: Audience = .everyone,
        handler: @escaping Handler
    ) {
        self.method = method
        self.template = template
        self.query = query
        self.audience = audience
        self.handler = handler
    }
}

/// The routes of one resource: one type, in a file of its own, and a line in the list that names them all.
protocol Resource: Sendable {
    var routes: [Route] { get }
}
