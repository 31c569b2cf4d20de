/// `contrast()` of the W3C's Filter Effects Module.
package struct Contrast: PointOperation {
    package static let specification = OperationSpecification(
        name: "contrast", summary: "Moves every colour away from middle gray, or towards it.",
        parameters: [
            Parameter(
                "intensity", .number(0...10), default: 1.5, "0 is gray, 1 leaves the picture unchanged.")
        ],
        positional: [["intensity"]])

    private let matrix: ColorMatrix

    package init(_ arguments: Arguments) throws(PlanError) {
        let factor = try arguments.requiredNumber("intensity")
        let sum = 0.5 - 0.5 * factor
        matrix = ColorMatrix([[factor, 0, 0, sum], [0, factor, 0, sum], [0, 0, factor, sum]])
    }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        matrix.apply(to: &row, format: format)
    }
}
