extension Plan.Step {
    /// Reads a step text: `name[:value[xvalue]][:key=value]…`, such as `resize:800x600`, `crop:10:20:300x200`,
    /// `blur:2.5`, `resize:800x:fit=inside`.
    package init(text: String) throws(PlanError) {
        let (name, members) = try Self.parse(text)
        try self.init(name: name, members: members)
    }

    /// Cuts a step text into the operation's name and its members, not checked yet.
    static func parse(_ text: String) throws(PlanError) -> (name: String, members: [String: JSONValue]) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { trimmed($0) }
        guard let name = parts.first, let type = Catalog.element(named: name) else {
            throw .unknownOperation(name: parts.first ?? "", allowed: Catalog.names)
        }
        let specification = type.specification
        var members: [String: JSONValue] = [:]
        var positions = specification.positional[...]
        for part in parts.dropFirst() {
            let pairs: [(String, String)]
            if let equals = part.firstIndex(of: "=") {
                pairs = [(String(part[..<equals]), String(part[part.index(after: equals)...]))]
            } else if let names = positions.popFirst() {
                // `800x600`, and `800x` or `x600` where one side is left to the ratio.
                let values =
                    names.count == 1
                    ? [part] : part.split(separator: "x", omittingEmptySubsequences: false).map(String.init)
                guard values.count <= names.count else { throw malformed(text, specification) }
                pairs = Array(zip(names, values))
            } else {
                throw malformed(text, specification)
            }
            for (key, value) in pairs where !value.isEmpty {
                guard members.updateValue(.string(value), forKey: key) == nil else {
                    throw .ambiguous(parameter: key, detail: "\(key) is given twice in \(text)")
                }
            }
        }
        return (name, members)
    }

    private static func trimmed(_ part: Substring) -> String {
        var part = part.drop(while: \.isWhitespace)
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part)
    }

    private static func malformed(_ text: String, _ specification: OperationSpecification) -> PlanError {
        .malformedStep(text: JSONValue.string(text).brief, allowed: specification.grammar)
    }
}

extension OperationSpecification {
    /// The step text with the names of its values in braces, such as `crop:{x}:{y}:{width}x{height}`.
    package var grammar: String {
        ([name] + positional.map { $0.map { "{\($0)}" }.joined(separator: "x") }).joined(separator: ":")
    }
}
