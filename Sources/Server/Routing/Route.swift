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
    let description: RouteDescription
    /// The names that a query may hold: those that are described.
    let query: [String]
    let audience: Audience
    var handler: Handler

    init(
        _ method: HTTPRequest.Method, _ template: String, _ description: RouteDescription,
        for audience: Audience = .everyone, handler: @escaping Handler
    ) {
        self.method = method
        self.template = template
        self.description = description
        query = description.parameters.filter { $0.place == .query }.map(\.name)
        self.audience = audience
        self.handler = handler
    }
}

/// The routes of one resource: one type, in a file of its own, and a line in the list that names them all.
protocol Resource: Sendable {
    var routes: [Route] { get }
}
