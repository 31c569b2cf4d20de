/// A plan as clients write it, in any of four shapes that mean the same.
///
///     {"operation":"resize","width":800,"format":"webp"}                      one operation, its parameters beside it
///     {"operations":[{"type":"resize","width":800}],"output":{…}}             several
///     {"transformations":["resize:800x600","grayscale"]}                      step texts
///     operation=resize&width=800                                              any of them as query or form fields
package struct PlanRequest: Sendable {
    private let members: [String: JSONValue]
    private let stepLimit: Int

    /// - Parameters:
    ///   - members: a JSON object's members, or form fields as strings. Members that are not the plan's, such as a
    ///     webhook's URL, are taken out beforehand.
    ///   - stepLimit: for what comes from strangers; a plan of ours may have become longer.
    package init(_ members: [String: JSONValue], stepLimit: Int = maximumSteps) {
        self.members = members
        self.stepLimit = stepLimit
    }

    /// The members that each say "here is a plan".
    package static let shapes = ["operation", "operations", "transformations"]

    package func plan() throws(PlanError) -> Plan {
        let given = Self.shapes.filter { members[$0] != nil }
        guard let shape = given.first else {
            if let output = members["output"], members.count == 1 {
                return try Plan(steps: [], output: object(output, "output"))
            }
            // What belongs to a plan is no mistake, only not yet one.
            let known = ["output"] + OutputOptions.parameters.map(\.name)
            throw members.keys.sorted().first { !known.contains($0) }.map {
                .unknownParameter(name: $0, context: "plan", allowed: Self.shapes + ["output"])
            } ?? .empty
        }
        guard given.count == 1 else {
            throw .ambiguous(
                parameter: given[1], detail: "the plan is given twice, as \(given.joined(separator: " and "))")
        }
        return switch shape {
        case "operation": try single()
        case "operations": try list()
        default: try texts()
        }
    }

    private func single() throws(PlanError) -> Plan {
        guard case .string(let name)? = members["operation"] else {
            throw .invalidValue(
                parameter: "operation", given: members["operation"]?.brief ?? "", allowed: "the name of an operation")
        }
        guard let type = Catalog.element(named: name) else {
            throw .unknownOperation(name: name, allowed: Catalog.names)
        }
        var own = members
        own["operation"] = nil
        var output = try object(own.removeValue(forKey: "output") ?? [:], "output")
        // A member is the operation's where it has such a parameter (compress has a quality), else the output's.
        let ownNames = type.specification.parameters.map(\.name)
        for parameter in OutputOptions.parameters where !ownNames.contains(parameter.name) {
            guard let value = own.removeValue(forKey: parameter.name) else { continue }
            guard output.updateValue(value, forKey: parameter.name) == nil else {
                throw .ambiguous(parameter: parameter.name, detail: "\(parameter.name) stands in output and beside it")
            }
        }
        return try Plan(steps: [Plan.Step(name: name, members: stretching(own, of: name))], output: output)
    }

    private func list() throws(PlanError) -> Plan {
        var steps: [Plan.Step] = []
        for item in try items("operations") {
            switch item {
            case .string(let text):
                steps.append(try Plan.Step(text: text))
            case .object(var step):
                guard case .string(let name)? = step.removeValue(forKey: "type") else {
                    throw .missingParameter(name: "type", context: "operations[\(steps.count)]")
                }
                steps.append(try Plan.Step(name: name, members: step))
            default:
                throw .invalidValue(parameter: "operations", given: item.brief, allowed: "objects with a type")
            }
        }
        return try Plan(steps: steps, output: outputBeside("operations"))
    }

    private func texts() throws(PlanError) -> Plan {
        var steps: [Plan.Step] = []
        for item in try items("transformations") {
            guard case .string(let text) = item else {
                throw .invalidValue(
                    parameter: "transformations", given: item.brief, allowed: "texts such as resize:800x600")
            }
            let (name, step) = try Plan.Step.parse(text)
            steps.append(try Plan.Step(name: name, members: stretching(step, of: name)))
        }
        return try Plan(steps: steps, output: outputBeside("transformations"))
    }

    /// The clients of these two shapes know a resize to two sides as one that stretches.
    private func stretching(_ step: [String: JSONValue], of name: String) -> [String: JSONValue] {
        func isGiven(_ member: String) -> Bool { step[member].map { $0 != .null } ?? false }
        guard name == Resize.specification.name, isGiven("width"), isGiven("height"), !isGiven("fit") else {
            return step
        }
        return step.merging(["fit": "fill"]) { _, fill in fill }
    }

    /// An array, or the comma-separated list that a query gives in its place.
    private func items(_ name: String) throws(PlanError) -> [JSONValue] {
        let items: [JSONValue] =
            switch members[name] {
            case .array(let items)?: items
            case .string(let text)?: text.split(separator: ",").map { .string(String($0)) }
            case let other: throw .invalidValue(parameter: name, given: other?.brief ?? "", allowed: "a list")
            }
        guard items.count <= stepLimit else {
            throw .invalidValue(
                parameter: name, given: "\(items.count) steps", allowed: "at most \(stepLimit) steps")
        }
        return items
    }

    /// The output, which may stand in `output` or, as form fields do, beside the list.
    private func outputBeside(_ list: String) throws(PlanError) -> [String: JSONValue] {
        var rest = members
        rest[list] = nil
        let output = try object(rest.removeValue(forKey: "output") ?? [:], "output")
        let names = OutputOptions.parameters.map(\.name)
        for name in rest.keys.sorted() where !names.contains(name) {
            throw .unknownParameter(name: name, context: "plan", allowed: [list, "output"] + names)
        }
        if let twice = rest.keys.sorted().first(where: { output[$0] != nil }) {
            throw .ambiguous(parameter: twice, detail: "\(twice) stands in output and beside it")
        }
        return output.merging(rest) { given, _ in given }
    }

    private func object(_ value: JSONValue, _ name: String) throws(PlanError) -> [String: JSONValue] {
        guard case .object(let members) = value else {
            throw .invalidValue(parameter: name, given: value.brief, allowed: "an object")
        }
        return members
    }

    /// A plan longer than this is a mistake or an attack: each step costs a pass.
    package static let maximumSteps = 64
}
