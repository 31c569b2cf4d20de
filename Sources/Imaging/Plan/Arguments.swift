/// The checked values of one operation's parameters, defaults filled in.
package struct Arguments: Hashable, Sendable {
    /// By parameter name; a parameter that was left out and has no default is not here.
    package let values: [String: JSONValue]

    /// Checks what a request gives for an operation.
    ///
    /// - Throws: a ``PlanError`` that names the first parameter, in the order of their names, that does not fit.
    package init(
        checking given: [String: JSONValue], for specification: OperationSpecification
    ) throws(PlanError) {
        let known = specification.parameters
        for name in given.keys.sorted() where !known.contains(where: { $0.name == name }) {
            throw .unknownParameter(name: name, context: specification.name, allowed: known.map(\.name))
        }
        var values: [String: JSONValue] = [:]
        for parameter in known {
            var value = given[parameter.name] ?? .null
            if value != .null { value = try parameter.checked(value) }
            if value != .null {
                values[parameter.name] = value
            } else if let value = parameter.defaultValue {
                values[parameter.name] = value
            } else if parameter.isRequired {
                throw .missingParameter(name: parameter.name, context: specification.name)
            }
        }
        self.values = values
    }

    // An operation asks only for parameters of its own specification, whose kinds were checked above: a value of another
    // type reads as absent, and `require…` would be a mistake in the operation, not in the request.

    package func integer(_ name: String) -> Int? { values[name]?.asNumber.flatMap(Int.init(exactly:)) }
    package func number(_ name: String) -> Double? { values[name]?.asNumber }
    package func word(_ name: String) -> String? { if case .string(let word)? = values[name] { word } else { nil } }
    package func flag(_ name: String) -> Bool? { if case .bool(let flag)? = values[name] { flag } else { nil } }

    package func color(_ name: String) -> Color? { word(name).flatMap(Color.init) }

    package func requiredInteger(_ name: String) throws(PlanError) -> Int {
        guard let value = integer(name) else { throw .missingParameter(name: name, context: "operation") }
        return value
    }

    package func requiredNumber(_ name: String) throws(PlanError) -> Double {
        guard let value = number(name) else { throw .missingParameter(name: name, context: "operation") }
        return value
    }
}
