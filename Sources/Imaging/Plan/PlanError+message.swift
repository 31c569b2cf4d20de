extension PlanError {
    /// What to change, for people.
    package var message: String {
        switch self {
        case .unknownOperation(let name, let allowed):
            "there is no operation \(quoted(name)); there are \(allowed.joined(separator: ", "))"
        case .unknownParameter(let name, let context, let allowed):
            "\(context) takes no \(quoted(name)); it takes \(allowed.isEmpty ? "nothing" : allowed.joined(separator: ", "))"
        case .missingParameter(let name, let context, let other):
            "\(context) needs \(name)" + (other.map { " or \($0)" } ?? "")
        case .invalidValue(let parameter, let given, let allowed):
            "\(parameter) is \(quoted(given)); allowed is \(allowed)"
        case .ambiguous(_, let detail), .impossible(_, let detail): detail
        case .malformedStep(let text, let allowed): "\(quoted(text)) is no step; write \(allowed)"
        case .empty: "the request holds no plan; give operation, operations or transformations"
        }
    }

    /// The parameter that it is about, where it is about one.
    package var parameter: String? {
        switch self {
        case .unknownOperation: "operation"
        case .unknownParameter(let name, _, _), .missingParameter(let name, _, _): name
        case .invalidValue(let parameter, _, _), .ambiguous(let parameter, _), .impossible(let parameter, _): parameter
        case .malformedStep: "transformations"
        case .empty: nil
        }
    }

    private func quoted(_ text: String) -> String { "“\(JSONValue.string(text).brief)”" }
}
