/// Adds margins.
package struct Pad: Operation {
    package static let specification = OperationSpecification(
        name: "pad", summary: "Adds a margin on each side.",
        parameters: [
            Parameter("top", .integer(0...Size.longestSide), default: 0, "In pixels."),
            Parameter("right", .integer(0...Size.longestSide), default: 0, "In pixels."),
            Parameter("bottom", .integer(0...Size.longestSide), default: 0, "In pixels."),
            Parameter("left", .integer(0...Size.longestSide), default: 0, "In pixels."),
            Parameter("background", .colorOrTransparent, "Of the margins; transparent if left out."),
        ],
        positional: [["top"], ["right"], ["bottom"], ["left"]])

    private let top, right, bottom, left: Int
    private let background: Color?

    package init(_ arguments: Arguments) throws(PlanError) {
        top = try arguments.requiredInteger("top")
        right = try arguments.requiredInteger("right")
        bottom = try arguments.requiredInteger("bottom")
        left = try arguments.requiredInteger("left")
        background = arguments.color("background")
    }

    package func outputSize(of input: Size) throws(PlanError) -> Size {
        Size(width: left + input.width + right, height: top + input.height + bottom)
    }

    package var takesDeepRows: Bool { true }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        PaddedRows.padding(
            source, to: try outputSize(of: source.layout.size), left: left, top: top, background: background)
    }
}
