import HTTPTypes
import NIOCore

/// The description of every route (OpenAPI 3.1.1), made from what the routes say of themselves.
struct OpenAPIDocument {
    let routes: [Route]
    let title: String
    let version: String

    var text: ByteBuffer { json.text }

    private var json: JSON {
        let sets = Set(routes.flatMap { problems(of: $0).map(\.codes) })
        return [
            "openapi": "3.1.1",
            "info": [
                "title": .string(title), "version": .string(version), "summary": "Develops pictures.",
                "description": .string(Self.introduction),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/", "description": "Here."]],
            "tags": .array(RouteDescription.Group.allCases.map { ["name": .string($0.rawValue)] }),
            "paths": .object(paths),
            "webhooks": ["ended": ["post": Self.webhook]],
            "components": [
                "schemas": .object(schemas),
                "responses": .object(
                    sets.map { (name: Self.name(of: $0), value: Self.response($0)) }.sorted { $0.name < $1.name }),
                "headers": .object([
                    (name: "X-Request-ID", value: Self.header("What names the request in the log."))
                ]),
                "securitySchemes": [
                    "operator": [
                        "type": "http", "scheme": "bearer",
                        "description":
                            "`ADMIN_TOKEN`. Without one the operator's routes answer on the machine itself, to anybody.",
                    ]
                ],
            ],
        ]
    }

    private static let introduction = """
        Pictures are uploaded, and developed in the background: upload a file, give a plan for it, follow the job, download \
        the result.

        `HEAD` works wherever `GET` does. One slash at the end of a path never matters. Every answer has `X-Request-ID`: \
        the request's own, if it sent one of 1 to 128 printable characters, else a new one. Errors are problem details \
        (RFC 9457); programs should look at `code`. Fields may be added to an answer; none is ever renamed or dropped.
        """

    // MARK: Paths

    private var paths: [(name: String, value: JSON)] {
        var templates: [String] = []
        for route in routes where !templates.contains(route.template) { templates.append(route.template) }
        return templates.map { template in
            (
                template,
                .object(
                    routes.filter { $0.template == template }
                        .map { (name: $0.method.rawValue.lowercased(), value: operation($0)) })
            )
        }
    }

    private func operation(_ route: Route) -> JSON {
        let about = route.description
        var members: [(name: String, value: JSON)] = [
            ("operationId", .string(about.name)), ("tags", [.string(about.group.rawValue)]),
            ("summary", .string(about.summary)),
        ]
        if !about.details.isEmpty { members.append(("description", .string(about.details))) }
        if !about.parameters.isEmpty { members.append(("parameters", .array(about.parameters.map(Self.parameter)))) }
        if !about.body.isEmpty {
            members.append(
                ("requestBody", ["required": .bool(!about.mayLackBody), "content": Self.content(about.body)]))
        }
        members.append(("responses", .object(responses(of: route))))
        if route.audience == .operators { members.append(("security", [["operator": []]])) }
        return .object(members)
    }

    /// What is posted to who is to be told of an end.
    private static let webhook: JSON = [
        "tags": [.string(RouteDescription.Group.webhooks.rawValue)], "summary": "A job or a batch has ended",
        "description": .string(
            """
            Posted to the `webhook_url` of the request, else to the operator's `WEBHOOK_URL`, and tried again for three days \
            until the answer is a success. It may come twice, with the same `webhook-id`. It is to be answered within 15 \
            seconds; 410 ends the tries.
            """),
        "parameters": .array(WebhookDescription.fields(areRequired: true).map(parameter)),
        "requestBody": [
            "required": true,
            "content": content([
                .init("application/json", .webhook, examples: [("job", Example.job), ("batch", Example.batchSummary)])
            ]),
        ],
        "responses": ["2XX": ["description": "It has arrived."], "410": ["description": "No more of these."]],
    ]

    private static func parameter(_ parameter: RouteDescription.Parameter) -> JSON {
        var members: [(name: String, value: JSON)] = [
            ("name", .string(parameter.name)), ("in", .string(parameter.place.rawValue)),
            ("description", .string(parameter.summary)), ("required", .bool(parameter.isRequired)),
            ("schema", parameter.schema.json),
        ]
        // A list is one value, with commas.
        if parameter.schema["items"] != nil { members += [("style", "form"), ("explode", false)] }
        if let example = parameter.example { members.append(("example", example)) }
        return .object(members)
    }

    private static func content(_ content: [RouteDescription.Content]) -> JSON {
        .object(
            content.map { content in
                var members: [(name: String, value: JSON)] = [("schema", content.schema.json)]
                if !content.examples.isEmpty {
                    members.append(
                        ("examples", .object(content.examples.map { (name: $0.name, value: ["value": $0.value]) })))
                }
                return (content.type, .object(members))
            })
    }

    // MARK: Answers

    private func responses(of route: Route) -> [(name: String, value: JSON)] {
        let answers = route.description.answers.map { answer in
            (name: String(answer.status.code), value: Self.response(answer))
        }
        let problems = problems(of: route).map { status, codes in
            (name: String(status), value: ["$ref": "#/components/responses/\(Self.name(of: codes))"] as JSON)
        }
        return (answers + problems).sorted { $0.name < $1.name }
    }

    private static func response(_ answer: RouteDescription.Outcome) -> JSON {
        let fields = answer.fields.map { (name: $0.name, value: header($0.summary)) }
        var members: [(name: String, value: JSON)] = [
            ("description", .string(answer.summary)), ("headers", .object([requestID] + fields)),
        ]
        if !answer.content.isEmpty { members.append(("content", content(answer.content))) }
        if !answer.links.isEmpty {
            members.append(
                (
                    "links",
                    .object(
                        answer.links.map { link in
                            let value: JSON = [
                                "operationId": .string(link.route),
                                "parameters": .object([
                                    (name: link.parameter, value: .string("$response.body#\(link.pointer)"))
                                ]),
                            ]
                            return (link.route, value)
                        })
                ))
        }
        return .object(members)
    }

    private static let requestID: (name: String, value: JSON) = (
        "X-Request-ID", ["$ref": "#/components/headers/X-Request-ID"]
    )

    private static func header(_ summary: String) -> JSON {
        ["description": .string(summary), "schema": ["type": "string"]]
    }

    // MARK: Problems

    /// What can be wrong, by status.
    private func problems(of route: Route) -> [(status: Int, codes: [ProblemCode])] {
        var codes = Set(RouteDescription.commonProblems + route.description.problems)
        if route.audience == .operators { codes.formUnion([.unauthorized, .forbidden]) }
        return Dictionary(grouping: ProblemCode.allCases.filter(codes.contains), by: \.status.code)
            .map { (status: $0.key, codes: $0.value) }
    }

    /// The same codes are one response, wherever they are answered.
    private static func name(of codes: [ProblemCode]) -> String { codes.map(\.rawValue).joined(separator: ".") }

    private static func response(_ codes: [ProblemCode]) -> JSON {
        let schema: JSON = [
            "allOf": [
                Schema.problem.json,
                ["properties": ["code": ["enum": .array(codes.map { .string($0.rawValue) })]]],
            ]
        ]
        let examples = codes.map { code in
            (name: code.rawValue, value: ["value": Problem(code, code.title).json(requestID: "1x2y3z-7")] as JSON)
        }
        return [
            "description": .string(codes.map { "`\($0.rawValue)`: \($0.title)." }.joined(separator: " ")),
            "headers": .object([requestID]),
            "content": ["application/problem+json": ["schema": schema, "examples": .object(examples)]],
        ]
    }

    // MARK: Schemas

    private var schemas: [(name: String, value: JSON)] {
        var all = Schema.problem.definitions.merging(Schema.webhook.definitions) { known, _ in known }
        for route in routes {
            let about = route.description
            let used =
                about.parameters.map(\.schema) + about.body.map(\.schema)
                + about.answers.flatMap { $0.content.map(\.schema) }
            for schema in used { all.merge(schema.definitions) { known, _ in known } }
        }
        return all.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}

extension Schema {
    static let problem = Schema.object(
        "Why a request was not done (RFC 9457).",
        required: [
            ("type", Schema("string", "Where the code is explained.", ["format": "uri-reference"])),
            ("title", Schema("string", "The code, in words.")),
            ("status", Schema("integer", "The status of the answer.", ["minimum": 400, "maximum": 599])),
            ("detail", Schema("string", "What was found, and what is allowed.")),
            ("code", .word(of: ProblemCode.self, "What programs should look at.")),
            ("request_id", Schema("string", "What names the request in the log.")),
        ],
        optional: [("parameter", Schema("string", "The parameter that it is about."))]
    ).named("Problem")
}
