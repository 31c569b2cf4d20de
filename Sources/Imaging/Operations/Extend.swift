/// Puts a picture in the middle of a larger canvas.
package struct Extend: Operation {
    package static let specification = OperationSpecification(
        name: "extend", summary: "Adds margins up to a width and a height, with the picture in the middle.",
        parameters: [
            Parameter(
                "width", .integer(1...Size.longestSide), isRequired: true, "In pixels; a wider picture stays as it is."),
            Parameter(
                "height", .integer(1...Size.longestSide), isRequired: true,
                "In pixels; a higher picture stays as it is."
            ),
            Parameter("background", .colorOrTransparent, "Of the margins; transparent if left out."),
        ],
        positional: [["width", "height"]])

    private let canvas: Size
    private let background: Color?

    package init(_ arguments: Arguments) throws(PlanError) {
        canvas = Size(width: try arguments.requiredInteger("width"), height: try arguments.requiredInteger("height"))
        background = arguments.color("background")
    }

    package func outputSize(of input: Size) throws(PlanError) -> Size {
        Size(width: max(input.width, canvas.width), height: max(input.height, canvas.height))
    }

    package var takesDeepRows: Bool { true }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        PaddedRows.centering(source, in: try outputSize(of: source.layout.size), background: background)
    }
}
