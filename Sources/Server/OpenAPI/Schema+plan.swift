import Imaging
import Jobs

// Names, ranges and defaults come from the engine's own specifications: the same that requests are checked against.

/// In the order of the documents.
private let specifications = Catalog.elements.map { $0.specification }

extension Schema {
    /// A plan in JSON, in any of its shapes.
    static let plan = Schema.any(
        of: [
            Schema.any(
                of: specifications.map(plan), "One operation with its parameters beside it, and those of `output`."
            ).named("SinglePlan"),
            list(
                "operations", .any(of: [.array(of: .any(of: [step, stepText]), "In order.", maximum), stepTexts]),
                "Several operations, each an object."
            ).named("StepsPlan"),
            list("transformations", transformations, "Several operations, each a step text.").named("TextsPlan"),
            Schema.object(
                "No operation: the picture is only written anew.", required: [("output", output)],
                optional: terms, isClosed: true
            ).named("OutputPlan"),
        ], "What to do with a picture, and how to write the result."
    ).named("Plan")

    /// A plan as fields of a form.
    static let planFields = Schema.object(
        "A plan as fields of a form: `operation`, `operations` or `transformations`, and what belongs to it.",
        required: [], optional: planFieldMembers + formTerms, isClosed: true
    ).named("PlanFields")

    /// What a plan is made of where it stands in a query or a form.
    static var planFieldMembers: [(String, Schema)] {
        [
            ("operation", operationName), ("operations", stepTexts), ("transformations", stepTexts),
        ] + allParameters
    }

    private static func plan(of specification: OperationSpecification) -> Schema {
        // `compress` has a quality of its own.
        let beside = OutputOptions.parameters.filter { outer in
            !specification.parameters.contains { $0.name == outer.name }
        }
        return one(
            "operation", specification,
            [("output", output)] + terms + beside.map { ($0.name, $0.jsonSchema) }
        ).named(specification.componentName + "Plan")
    }

    /// An object that names an operation in one of its members, and has the parameters of it beside.
    private static func one(
        _ key: String, _ specification: OperationSpecification, _ others: [(String, Schema)] = []
    ) -> Schema {
        let name = Schema("string", "", ["const": .string(specification.name)])
        return object(
            specification.summary,
            required: [(key, name)] + specification.parameters.filter(\.isRequired).map { ($0.name, $0.jsonSchema) },
            optional: specification.parameters.filter { !$0.isRequired }.map { ($0.name, $0.jsonSchema) } + others,
            isClosed: true)
    }

    /// One operation with its parameters, as an entry of `operations` and in a job's status.
    static let step: Schema = {
        var step = Schema.any(
            of: specifications.map { one("type", $0).named($0.componentName + "Step") },
            "An operation with its parameters.")
        step["discriminator"] = [
            "propertyName": "type",
            "mapping": .object(
                specifications.map {
                    (name: $0.name, value: "#/components/schemas/\($0.componentName)Step")
                }),
        ]
        return step.named("Step")
    }()

    private static let stepText = Schema(
        "string", "`name[:value[xvalue]][:key=value]…`, such as `resize:800x600`, `crop:10:20:300x200`, `blur:2.5`.",
        ["pattern": .string("^(\(Catalog.names.joined(separator: "|")))(:.*)?$")]
    ).named("StepText")

    static let transformations = Schema.any(of: [.array(of: stepText, "In order.", maximum), stepTexts])

    private static let stepTexts = Schema("string", "Step texts, separated by commas.")

    private static let output = Schema.object(
        "How the result is written.", required: [],
        optional: OutputOptions.parameters.map { ($0.name, $0.jsonSchema) }, isClosed: true
    ).named("Output")

    private static let operationName = Schema(
        "string", "What to do.", ["enum": .array(Catalog.names.map(JSON.string))])

    /// What may stand beside any work: ``SubmissionTerms``. Null leaves it out.
    static let terms = formTerms.map { ($0.0, $0.1.orNull) }

    /// The same in a query or a form.
    static let formTerms: [(String, Schema)] = [
        (
            "priority",
            .word(of: Priority.self, "Jobs that wait are taken in shares of 8, 3 and 1; `normal` where left out.")
        ),
        (
            "webhook_url",
            Schema(
                "string", "Who is told when it has ended: `http` or `https`; `WEBHOOK_URL` where left out.",
                ["format": "uri"])
        ),
    ]

    private static let maximum: KeyValuePairs<String, JSON> = ["maxItems": .integer(PlanRequest.maximumSteps)]

    /// A plan that is a list, and what may stand beside it.
    private static func list(_ name: String, _ items: Schema, _ summary: String) -> Schema {
        object(
            summary,
            required: [(name, items)],
            optional: [("output", output)] + terms + OutputOptions.parameters.map { ($0.name, $0.jsonSchema) },
            isClosed: true)
    }

    /// The parameters of every operation and of the output, each name once: with what fits for any of those that have it.
    private static var allParameters: [(String, Schema)] {
        let parameters = OutputOptions.parameters + specifications.flatMap(\.parameters)
        var names: [String] = []
        for parameter in parameters where !names.contains(parameter.name) { names.append(parameter.name) }
        return names.map { name in
            var kinds: [Imaging.Parameter] = []
            for parameter in parameters where parameter.name == name && !kinds.contains(parameter) {
                kinds.append(parameter)
            }
            if kinds.count == 1 { return (name, kinds[0].textSchema) }
            let summary = "By the operation: " + kinds.map(\.summary).joined(separator: " / ")
            return (name, .any(of: kinds.map(\.textSchema), summary))
        }
    }
}

extension OperationSpecification {
    /// `HueRotate` for `hue_rotate`.
    fileprivate var componentName: String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

extension Imaging.Parameter {
    /// What fits in a query or a form, where everything is text.
    fileprivate var textSchema: Schema {
        var schema =
            switch kind {
            case .integer(let range):
                Schema(
                    "integer", summary, ["minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)])
            case .number(let range):
                Schema(
                    "number", summary, ["minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)])
            case .finite: Schema("number", summary)
            case .integers(let values): Schema("integer", summary, ["enum": .array(values.map(JSON.integer))])
            case .choice(let words): Schema("string", summary, ["enum": .array(words.map(JSON.string))])
            case .boolean: Schema("boolean", summary)
            case .color: Schema("string", summary, ["pattern": "^(#?[0-9A-Fa-f]{6}|white|black)$"])
            case .colorOrTransparent:
                Schema("string", summary, ["pattern": "^(#?[0-9A-Fa-f]{6}|white|black|transparent)$"])
            case .file: Schema("string", summary, ["format": "uuid"])
            }
        if let defaultValue { schema["default"] = JSON(defaultValue) }
        return schema
    }

    /// What fits in JSON: a number or a truth may also be a string that says it, and null leaves the parameter out.
    fileprivate var jsonSchema: Schema {
        var schema = textSchema
        if case .array(let values)? = schema["enum"], case .integers(let integers) = kind {
            schema["enum"] = .array(values + integers.map { .string(String($0)) })
        }
        var types: [JSON] = schema["type"].map { [$0] } ?? []
        switch kind {
        case .integer, .number, .finite:
            types.append("string")
            schema["pattern"] = "^[+-]?[0-9]*[.]?[0-9]*([eE][+-]?[0-9]+)?$"
        case .integers: types.append("string")
        case .boolean:
            types.append("string")
            schema["enum"] = [true, false, "true", "false", "1", "0"]
        case .choice, .color, .colorOrTransparent, .file: break
        }
        if !isRequired {
            types.append("null")
            if case .array(let values)? = schema["enum"] { schema["enum"] = .array(values + [.null]) }
        }
        schema["type"] = types.count == 1 ? types[0] : .array(types)
        return schema
    }
}
