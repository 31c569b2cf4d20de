/// An ordered list of operations and how the result is written.
package struct Plan: Sendable {
    /// One operation or output step with its arguments, as the request gave them, defaults filled in.
    package struct Step: Sendable {
        package let element: any PlanElement
        package let arguments: Arguments

        package var specification: OperationSpecification { type(of: element).specification }

        package init(name: String, members: [String: JSONValue]) throws(PlanError) {
            guard let type = Catalog.element(named: name) else {
                throw .unknownOperation(name: name, allowed: Catalog.names)
            }
            arguments = try Arguments(checking: members, for: type.specification)
            element = try type.init(arguments)
        }

        fileprivate var files: [(parameter: String, name: String)] {
            specification.parameters.filter { $0.kind == .file }.compactMap { parameter in
                arguments.word(parameter.name).map { (parameter.name, $0) }
            }
        }
    }

    package let steps: [Step]
    /// What the output steps and the request's `output` came to.
    package let output: OutputOptions

    /// - Throws: ``PlanError/ambiguous(parameter:detail:)`` where a `convert` or `compress` step says one thing and
    ///   `output` another.
    package init(steps: [Step], output explicit: [String: JSONValue] = [:]) throws(PlanError) {
        self.steps = steps
        self.output = try OutputOptions(explicit, after: steps)
    }

    /// The steps that change pixels, in order.
    package var operations: [any Operation] { steps.compactMap { $0.element as? any Operation } }

    /// The files that the steps take in beside the picture itself, each with a parameter that names it.
    package var files: [(parameter: String, name: String)] { steps.flatMap(\.files) }

    /// The size of the result for an upright source of this size; `nil` where it depends on what the picture shows.
    package func outputSize(of source: Size) throws(PlanError) -> Size? {
        var size = source
        for operation in operations {
            if operation.look?.decidesSize == true { return nil }
            size = try operation.outputSize(of: size)
        }
        return size
    }
}

// MARK: - Text forms

extension Plan {
    /// The plan as a status shows it and a store keeps it: `{"operations":[{"type":"resize",…}],"output":{…}}`.
    package var json: JSONValue { ["operations": .array(steps.map(\.json)), "output": output.json] }

    /// Equal for plans that give the same pixels in the same file, however they were spelled.
    package var meaning: JSONValue { meaning(withFiles: [:]) }

    /// The same where files are known: what counts of those that the plan names is what they hold.
    ///
    /// - Parameter contents: what tells that, by their names.
    package func meaning(withFiles contents: [String: String]) -> JSONValue {
        [
            "operations": .array(steps.filter { $0.element is any Operation }.map { $0.meaning(withFiles: contents) }),
            "output": output.json,
            "effort": .string(output.effort.rawValue),
            "compression": .bool(output.isCompression),
        ]
    }

    /// Reads back what ``json`` wrote.
    package init(json: JSONValue) throws(PlanError) {
        guard case .object(let members) = json else { throw .empty }
        self = try PlanRequest(members, stepLimit: .max).plan()
    }
}

extension Plan.Step {
    package var json: JSONValue {
        .object(arguments.values.merging(["type": .string(specification.name)]) { value, _ in value })
    }

    fileprivate func meaning(withFiles contents: [String: String]) -> JSONValue {
        guard case .object(var members) = json else { return json }
        for (parameter, name) in files { members[parameter] = .string(contents[name] ?? name) }
        return .object(members)
    }
}

extension OutputOptions {
    fileprivate init(_ explicit: [String: JSONValue], after steps: [Plan.Step]) throws(PlanError) {
        self.init()
        for case let step as any OutputStep in steps.map(\.element) { step.amend(&self) }
        let stepped = self
        for name in explicit.keys.sorted() {
            guard let given = explicit[name], given != .null else { continue }
            guard let parameter = Self.parameters.first(where: { $0.name == name }) else {
                throw .unknownParameter(name: name, context: "output", allowed: Self.parameters.map(\.name))
            }
            switch (name, try parameter.checked(given)) {
            case ("format", .string(let word)): format = ImageFormat(name: word)
            case ("quality", .number(let number)): quality = Int(number)
            case ("fps", .number(let number)): framesPerSecond = number
            case ("first_frame", .bool(let truth)): takesFirstFrame = truth
            case ("dither", .bool(let truth)): dithers = truth
            case ("page", .number(let number)): page = Int(number)
            case ("metadata", .string(let word)): keepsMetadata = word == "keep"
            case ("background", .string(let text)): background = Color(text) ?? .white
            default: break
            }
        }
        if let wanted = stepped.format, format != wanted {
            throw .ambiguous(
                parameter: "format",
                detail: "a step asks for \(wanted.rawValue), the output for \(format?.rawValue ?? "")")
        }
        if let wanted = stepped.quality, quality != wanted {
            throw .ambiguous(
                parameter: "quality", detail: "a step asks for \(wanted), the output for \(quality ?? 0)")
        }
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["background": .string(background.description)]
        if let format { members["format"] = .string(format.rawValue) }
        if let quality { members["quality"] = .number(Double(quality)) }
        if let framesPerSecond { members["fps"] = .number(framesPerSecond) }
        if takesFirstFrame { members["first_frame"] = true }
        if !dithers { members["dither"] = false }
        if page != 1 { members["page"] = .number(Double(page)) }
        if keepsMetadata { members["metadata"] = "keep" }
        return .object(members)
    }
}
