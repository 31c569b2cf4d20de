/// `saturate()` of the W3C's Filter Effects Module.
package struct Saturate: PointOperation {
    package static let specification = OperationSpecification(
        name: "saturate", summary: "Strengthens or weakens the colours.",
        parameters: [
            Parameter(
                "intensity", .number(0...10), default: 1.5, "0 is gray, 1 leaves the picture unchanged.")
        ],
        positional: [["intensity"]])

    private let matrix: ColorMatrix

    package init(_ arguments: Arguments) throws(PlanError) {
        let factor = try arguments.requiredNumber("intensity")
        let (red, green, blue) = (0.213 * (1 - factor), 0.715 * (1 - factor), 0.072 * (1 - factor))
        matrix = ColorMatrix([
            [red + factor, green, blue, 0],
            [red, green + factor, blue, 0],
            [red, green, blue + factor, 0],
        ])
    }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        matrix.apply(to: &row, format: format)
    }
}
