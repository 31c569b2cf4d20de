/// `brightness()` of the W3C's Filter Effects Module.
package struct Brightness: PointOperation {
    package static let specification = OperationSpecification(
        name: "brightness", summary: "Multiplies every colour.",
        parameters: [
            Parameter(
                "intensity", .number(0...10), default: 1.5, "0 is black, 1 leaves the picture unchanged.")
        ],
        positional: [["intensity"]])

    private let matrix: ColorMatrix

    package init(_ arguments: Arguments) throws(PlanError) {
        let factor = try arguments.requiredNumber("intensity")
        matrix = ColorMatrix([[factor, 0, 0, 0], [0, factor, 0, 0], [0, 0, factor, 0]])
    }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        matrix.apply(to: &row, format: format)
    }
}
