import HTTPTypes

/// Why a request is not done, as the client is told (RFC 9457).
struct Problem: Error, Sendable {
    let code: ProblemCode
    /// The thing, what was found, what is allowed; never anything that is not the client's business.
    let detail: String
    /// The parameter that it is about.
    var parameter: String?
    /// Fields of the answer that go with the status, such as `Allow` or `Retry-After`.
    var fields: HTTPFields = [:]

    init(_ code: ProblemCode, _ detail: String, parameter: String? = nil, fields: HTTPFields = [:]) {
        self.code = code
        self.detail = detail
        self.parameter = parameter
        self.fields = fields
    }

    static func invalid(_ parameter: String, given: String, allowed: String) -> Problem {
        Problem(.invalidParameter, "\(parameter) is “\(brief(given))”; it must be \(allowed)", parameter: parameter)
    }
}

extension Problem {
    func json(requestID: String) -> JSON {
        var members: [(name: String, value: JSON)] = [
            ("type", "/docs#\(code.rawValue)"),
            ("title", .string(code.title)),
            ("status", .integer(code.status.code)),
            ("detail", .string(detail)),
            ("code", .string(code.rawValue)),
            ("request_id", .string(requestID)),
        ]
        if let parameter { members.append(("parameter", .string(parameter))) }
        return .object(members)
    }
}

extension Answer {
    init(_ problem: Problem, requestID: String) {
        self.init(problem.code.status, json: problem.json(requestID: requestID), fields: problem.fields)
        fields[.contentType] = "application/problem+json"
    }
}
