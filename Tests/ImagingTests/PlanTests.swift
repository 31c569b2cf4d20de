import Imaging
import Testing

@Suite struct `A plan` {
    /// The same plan in each of the shapes in which a request may give it.
    static let shapes: [[String: JSONValue]] = [
        ["operation": "resize", "width": 800, "height": 600, "format": "webp", "quality": 70],
        ["operation": "resize", "width": "800", "height": "600", "format": "webp", "quality": "70"],
        ["operation": "resize", "width": 800, "height": 600, "output": ["format": "webp", "quality": 70]],
        [
            "operations": [["type": "resize", "width": 800, "height": 600, "fit": "fill"]],
            "output": ["format": "webp", "quality": 70],
        ],
        ["operations": ["resize:800x600:fit=fill", "convert:webp"], "output": ["quality": 70]],
        ["transformations": ["resize:800x600", "convert:webp"], "output": ["quality": 70]],
        ["transformations": "resize:800x600, convert:webp", "quality": "70"],
        ["transformations": [" resize : 800x600 "], "output": ["format": "webp", "quality": 70]],
    ]

    @Test(arguments: shapes.indices)
    func `means the same in every shape`(_ index: Int) throws {
        let plan = try PlanRequest(Self.shapes[index]).plan()
        #expect(try plan.meaning == PlanRequest(Self.shapes[0]).plan().meaning)
        #expect(try plan.outputSize(of: Size(width: 1000, height: 1000)) == Size(width: 800, height: 600))
        #expect(plan.output.format == .webp)
        #expect(plan.output.quality == 70)
    }

    @Test(arguments: shapes.indices)
    func `reads back what it wrote`(_ index: Int) throws {
        let plan = try PlanRequest(Self.shapes[index]).plan()
        let again = try Plan(json: plan.json)
        #expect(again.meaning == plan.meaning)
        #expect(again.json == plan.json)
    }

    @Test(
        arguments: [
            ["operations": []], ["output": ["format": "png", "metadata": "strip", "background": "#0a0B0c"]],
            ["output": ["metadata": "keep"]],
            ["operations": ["compress"]], ["operations": ["convert:jpg", "compress:30", "blur"]],
            ["operations": [["type": "resize", "width": 5, "enlarge": false]]],
        ] as [[String: JSONValue]])
    func `reads back what it wrote, whatever it holds`(_ members: [String: JSONValue]) throws {
        let plan = try PlanRequest(members).plan()
        #expect(try Plan(json: plan.json).meaning == plan.meaning)
    }

    @Test func `stretches to two sides only where its clients know it so`() throws {
        func width(_ members: [String: JSONValue]) throws -> JSONValue? {
            try PlanRequest(members).plan().steps[0].arguments.values["fit"]
        }
        #expect(try width(["operation": "resize", "width": 8, "height": 6]) == "fill")
        #expect(try width(["transformations": ["resize:8x6"]]) == "fill")
        #expect(try width(["operations": ["resize:8x6"]]) == "cover")
        #expect(try width(["operations": [["type": "resize", "width": 8, "height": 6]]]) == "cover")
        #expect(try width(["operation": "resize", "width": 8]) == "cover")
        #expect(try width(["transformations": ["resize:8x6:fit=inside"]]) == "inside")
    }

    @Test(arguments: [
        (["blur"], ["blur:2"]), (["blur:2.50"], ["blur:2.5"]), (["compress"], ["compress:quality=50"]),
        (["convert:jpg"], ["convert:jpeg"]), (["convert:TIF"], ["convert:tiff"]),
        (["crop:0:0:5x6"], ["crop:width=5:height=6"]),
        (["convert:png", "flip"], ["flip", "convert:png"]), (["convert:png", "convert:webp"], ["convert:webp"]),
        (["compress:90", "compress:20"], ["compress:20"]), (["resize:8x:enlarge=1"], ["resize:8"]),
        (["pad:5:background=Transparent"], ["pad:5"]), (["extend:8x6:background=transparent"], ["extend:8x6"]),
    ])
    func `has one meaning for texts that mean the same`(_ one: [String], _ other: [String]) throws {
        func meaning(_ steps: [String]) throws -> JSONValue {
            try PlanRequest(["operations": .array(steps.map { .string($0) })]).plan().meaning
        }
        #expect(try meaning(one) == meaning(other))
    }

    @Test(arguments: [
        (["blur:2"], ["blur:3"]), (["flip", "blur"], ["blur", "flip"]), (["convert:png"], []), (["compress:80"], []),
        (["resize:8x6"], ["resize:6x8"]),
    ])
    func `has another meaning where pixels or file differ`(_ one: [String], _ other: [String]) throws {
        func meaning(_ steps: [String]) throws -> JSONValue {
            try PlanRequest(["operations": .array(steps.map { .string($0) })]).plan().meaning
        }
        #expect(try meaning(one) != meaning(other))
    }

    @Test func `says of metadata only that they are kept, so that keys of older plans stay`() throws {
        func plan(_ output: [String: JSONValue]) throws -> Plan { try Plan(steps: [], output: output) }
        #expect(try plan(["metadata": "strip"]).meaning == plan([:]).meaning)
        #expect(try plan(["metadata": "keep"]).meaning != plan([:]).meaning)
        #expect(try plan(["metadata": "KEEP"]).output.keepsMetadata)
        #expect(try plan(["page": 1]).meaning == plan([:]).meaning)
        #expect(try plan(["page": 2]).meaning != plan([:]).meaning)
        #expect(try plan([:]).json == ["operations": [], "output": ["background": "#ffffff"]])
    }

    /// What each request is refused for.
    static let refused: [([String: JSONValue], PlanError)] = [
        ([:], .empty),
        (["operation": "explode"], .unknownOperation(name: "explode", allowed: Catalog.names)),
        (["operations": ["explode:3"]], .unknownOperation(name: "explode", allowed: Catalog.names)),
        (["transformations": [""]], .unknownOperation(name: "", allowed: Catalog.names)),
        (
            ["operations": [["type": "blur", "sigma": 3]]],
            .unknownParameter(name: "sigma", context: "blur", allowed: ["intensity"])
        ),
        (
            ["operation": "blur", "sigma": 3],
            .unknownParameter(name: "sigma", context: "blur", allowed: ["intensity"])
        ),
        (
            ["operations": ["blur"], "sigma": 3],
            .unknownParameter(
                name: "sigma", context: "plan",
                allowed: [
                    "operations", "output", "format", "quality", "background", "fps", "first_frame", "dither", "page",
                    "metadata",
                ])
        ),
        (
            ["operations": ["blur"], "output": ["colour": 3]],
            .unknownParameter(
                name: "colour", context: "output",
                allowed: ["format", "quality", "background", "fps", "first_frame", "dither", "page", "metadata"])
        ),
        (["operations": [["width": 3]]], .missingParameter(name: "type", context: "operations[0]")),
        (["operation": "crop", "width": 3], .missingParameter(name: "height", context: "crop")),
        (["operation": "resize"], .missingParameter(name: "width", context: "resize", or: "height")),
        (["format": "webp"], .empty), (["output": [:], "page": 2], .empty),
        (
            ["format": "webp", "width": 8],
            .unknownParameter(
                name: "width", context: "plan", allowed: ["operation", "operations", "transformations", "output"])
        ),
        (["operation": "rotate"], .missingParameter(name: "angle", context: "rotate")),
        (
            ["operation": "resize", "width": 0],
            .invalidValue(parameter: "width", given: "0", allowed: "a whole number from 1 to 65500")
        ),
        (
            ["operation": "resize", "width": -5],
            .invalidValue(parameter: "width", given: "-5", allowed: "a whole number from 1 to 65500")
        ),
        (
            ["operation": "resize", "width": 2.5],
            .invalidValue(parameter: "width", given: "2.5", allowed: "a whole number from 1 to 65500")
        ),
        (
            ["operation": "resize", "width": "nan"],
            .invalidValue(parameter: "width", given: "nan", allowed: "a whole number from 1 to 65500")
        ),
        (
            ["operation": "resize", "width": 1e300],
            .invalidValue(parameter: "width", given: "1e+300", allowed: "a whole number from 1 to 65500")
        ),
        (
            ["operation": "resize", "width": [5]],
            .invalidValue(parameter: "width", given: "an array", allowed: "a whole number from 1 to 65500")
        ),
        (
            ["operation": "resize", "width": true],
            .invalidValue(parameter: "width", given: "true", allowed: "a whole number from 1 to 65500")
        ),
        (
            ["transformations": ["blur:nan"]],
            .invalidValue(parameter: "intensity", given: "nan", allowed: "a number from 0 to 250")
        ),
        (
            ["transformations": ["blur:250.1"]],
            .invalidValue(parameter: "intensity", given: "250.1", allowed: "a number from 0 to 250")
        ),
        (
            ["transformations": ["hue_rotate:inf"]],
            .invalidValue(parameter: "intensity", given: "inf", allowed: "any finite number")
        ),
        (
            ["operation": "rotate", "angle": 45],
            .invalidValue(parameter: "angle", given: "45", allowed: "one of 90, 180, 270")
        ),
        (
            ["operation": "resize", "width": 5, "fit": "squeeze"],
            .invalidValue(
                parameter: "fit", given: "squeeze", allowed: "one of cover, contain, fill, inside, outside")
        ),
        (
            ["operation": "flip", "quality": 101],
            .invalidValue(parameter: "quality", given: "101", allowed: "a whole number from 1 to 100")
        ),
        (
            ["operation": "flip", "background": "sky"],
            .invalidValue(
                parameter: "background", given: "sky", allowed: "a colour such as #ffffff, white or black")
        ),
        (
            ["operation": "flip", "background": "transparent"],
            .invalidValue(
                parameter: "background", given: "transparent", allowed: "a colour such as #ffffff, white or black")
        ),
        (
            ["transformations": ["tint:transparent"]],
            .invalidValue(
                parameter: "color", given: "transparent", allowed: "a colour such as #ffffff, white or black")
        ),
        (
            ["operation": "pad", "background": "sky"],
            .invalidValue(
                parameter: "background", given: "sky",
                allowed: "transparent, or a colour such as #ffffff, white or black")
        ),
        (["operation": 5], .invalidValue(parameter: "operation", given: "5", allowed: "the name of an operation")),
        (["operations": 5], .invalidValue(parameter: "operations", given: "5", allowed: "a list")),
        (["operations": [5]], .invalidValue(parameter: "operations", given: "5", allowed: "objects with a type")),
        (
            ["operation": "flip", "output": 5],
            .invalidValue(parameter: "output", given: "5", allowed: "an object")
        ),
        (
            ["operation": "flip", "operations": []],
            .ambiguous(parameter: "operations", detail: "the plan is given twice, as operation and operations")
        ),
        (
            ["operations": [], "transformations": []],
            .ambiguous(
                parameter: "transformations", detail: "the plan is given twice, as operations and transformations")
        ),
        (
            ["operation": "flip", "format": "png", "output": ["format": "gif"]],
            .ambiguous(parameter: "format", detail: "format stands in output and beside it")
        ),
        (
            ["operations": ["convert:png"], "output": ["format": "gif"]],
            .ambiguous(parameter: "format", detail: "a step asks for png, the output for gif")
        ),
        (
            ["operations": ["compress:30"], "output": ["quality": 31]],
            .ambiguous(parameter: "quality", detail: "a step asks for 30, the output for 31")
        ),
        (
            ["operations": ["blur:2:intensity=3"]],
            .ambiguous(parameter: "intensity", detail: "intensity is given twice in blur:2:intensity=3")
        ),
        (["operations": ["blur:2:3"]], .malformedStep(text: "blur:2:3", allowed: "blur:{intensity}")),
        (["operations": ["flip:2"]], .malformedStep(text: "flip:2", allowed: "flip")),
        (["operations": ["resize:2x3x4"]], .malformedStep(text: "resize:2x3x4", allowed: "resize:{width}x{height}")),
        (["operations": ["blurhash:9:9"]], .malformedStep(text: "blurhash:9:9", allowed: "blurhash:{x}x{y}")),
    ]

    @Test(arguments: refused.indices)
    func `is refused for what is wrong with it`(_ index: Int) {
        let (members, error) = Self.refused[index]
        #expect(throws: error) { try PlanRequest(members).plan() }
    }

    @Test func `says what it needs where one of two would do`() {
        #expect(
            PlanError.missingParameter(name: "width", context: "resize", or: "height").message
                == "resize needs width or height")
    }

    @Test(arguments: [
        (["trim"], nil), (["resize:20x", "trim", "pad:5"], nil), (["resize:20x"], Size(width: 20, height: 10)),
    ])
    func `knows the size of its result unless the picture decides`(_ steps: [String], _ size: Size?) throws {
        let plan = try PlanRequest(["operations": .array(steps.map { .string($0) })]).plan()
        #expect(try plan.outputSize(of: Size(width: 100, height: 50)) == size)
    }

    @Test(arguments: ["operations", "transformations"])
    func `of too many steps is refused in either spelling`(_ shape: String) {
        let texts = [String](repeating: "flip", count: PlanRequest.maximumSteps + 1)
        #expect(throws: PlanError.self) { try PlanRequest([shape: .array(texts.map { .string($0) })]).plan() }
        #expect(throws: PlanError.self) { try PlanRequest([shape: .string(texts.joined(separator: ","))]).plan() }
    }

    @Test func `agrees with itself where a step and the output say the same`() throws {
        let plan = try PlanRequest(["operations": ["convert:jpg"], "output": ["format": "jpeg"]]).plan()
        #expect(plan.output.format == .jpeg)
    }

    @Test func `fills in the documented defaults`() throws {
        let defaults: [String: JSONValue] = [
            "thumbnail": 200, "blur": 2, "sharpen": 2, "sepia": 1, "saturate": 1.5, "hue_rotate": 90, "invert": 1,
            "brightness": 1.5, "contrast": 1.5, "pixelate": 10, "compress": 50,
        ]
        for (name, value) in defaults {
            #expect(try Plan.Step(text: name).arguments.values.values.first == value, "\(name)")
        }
    }

    @Test(arguments: Catalog.elements.indices)
    func `knows every step by name, summary and defaults that fit`(_ index: Int) throws {
        let specification = Catalog.elements[index].specification
        #expect(Catalog.element(named: specification.name) == Catalog.elements[index])
        #expect(specification.summary.hasSuffix("."))
        #expect(Set(specification.positional.joined()).isSubset(of: specification.parameters.map(\.name)))
        for parameter in specification.parameters {
            #expect(parameter.summary.hasSuffix("."))
            if let value = parameter.defaultValue { #expect(try parameter.checked(value) == value) }
        }
    }
}
