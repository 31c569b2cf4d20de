import HTTPTypes

/// What a route is for, what it takes and what it answers: its entry in the API description, and the one place that says
/// which names its query may hold.
struct RouteDescription: Sendable {
    /// Under what a reader looks for it.
    enum Group: String, CaseIterable, Sendable {
        case pictures = "Pictures"
        case jobs = "Jobs"
        case webhooks = "Webhooks"
        case operating = "Operating"
        case documents = "Documents"
    }

    /// What a generated client calls it.
    let name: String
    let group: Group
    /// In a few words.
    let summary: String
    /// What there is to know beyond that, in Markdown.
    let details: String
    let parameters: [Parameter]
    /// What a body may be.
    let body: [Content]
    let mayLackBody: Bool
    let answers: [Outcome]
    /// The errors of its own; ``commonProblems`` come to every route.
    let problems: [ProblemCode]

    init(
        _ name: String, _ group: Group, _ summary: String, _ details: String = "", parameters: [Parameter] = [],
        body: [Content] = [], mayLackBody: Bool = false, answers: [Outcome], problems: [ProblemCode] = []
    ) {
        self.name = name
        self.group = group
        self.summary = summary
        self.details = details
        self.parameters = parameters
        self.body = body
        self.mayLackBody = mayLackBody
        self.answers = answers
        self.problems = problems
    }

    /// What can be wrong with any request.
    static let commonProblems: [ProblemCode] = [
        .malformedRequest, .requestTimeout, .headerTooLarge, .unknownParameter, .invalidParameter, .internalError,
    ]
    /// What can be wrong where the deployment's back ends are needed.
    static let backendProblems: [ProblemCode] = [.backendUnavailable, .insufficientStorage]
}

extension RouteDescription {
    struct Parameter: Sendable {
        enum Place: String, Sendable { case path, query, header }

        let place: Place
        let name: String
        let summary: String
        let schema: Schema
        let example: JSON?
        let isRequired: Bool

        init(
            _ place: Place, _ name: String, _ summary: String, _ schema: Schema, example: JSON? = nil,
            isRequired: Bool = false
        ) {
            self.isRequired = isRequired || place == .path
            self.place = place
            self.name = name
            self.summary = summary
            self.schema = schema
            self.example = example
        }
    }

    /// A body of one media type, in a request or an answer.
    struct Content: Sendable {
        let type: String
        let schema: Schema
        /// By what they show.
        let examples: [(name: String, value: JSON)]

        init(_ type: String, _ schema: Schema, examples: [(name: String, value: JSON)] = []) {
            self.type = type
            self.schema = schema
            self.examples = examples
        }
    }

    /// An answer that is no problem.
    struct Outcome: Sendable {
        let status: HTTPResponse.Status
        let summary: String
        let content: [Content]
        /// The fields of its header that a client may want.
        let fields: [(name: String, summary: String)]
        /// What can be asked next.
        let links: [Link]

        init(
            _ status: HTTPResponse.Status, _ summary: String, _ content: [Content] = [],
            fields: KeyValuePairs<String, String> = [:], links: [Link] = []
        ) {
            self.status = status
            self.summary = summary
            self.content = content
            self.fields = fields.map { (name: $0.key, summary: $0.value) }
            self.links = links
        }

        init(
            _ status: HTTPResponse.Status = .ok, _ summary: String, _ schema: Schema, example: JSON,
            fields: KeyValuePairs<String, String> = [:], links: [Link] = []
        ) {
            self.init(
                status, summary,
                [Content("application/json", schema, examples: [("example", example)])], fields: fields, links: links)
        }
    }

    /// A route that takes something of an answer.
    struct Link: Sendable {
        /// The name of the route.
        let route: String
        let parameter: String
        /// Where the answer's body has it, as a JSON pointer.
        let pointer: String

        static func file(_ route: String) -> Link { Link(route: route, parameter: "file_id", pointer: "/file_id") }
        static func job(_ route: String) -> Link { Link(route: route, parameter: "id", pointer: "/job_id") }
    }
}
