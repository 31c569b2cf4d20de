/// `invert()` of the W3C's Filter Effects Module.
package struct Invert: PointOperation {
    package static let specification = OperationSpecification(
        name: "invert", summary: "Turns light into dark and colours into their complements.",
        parameters: [
            Parameter(
                "intensity", .number(0...1), default: 1, "0 leaves the picture unchanged, 1 inverts it wholly.")
        ],
        positional: [["intensity"]])

    private let matrix: ColorMatrix

    package init(_ arguments: Arguments) throws(PlanError) {
        let amount = try arguments.requiredNumber("intensity")
        let factor = 1 - 2 * amount
        matrix = ColorMatrix([[factor, 0, 0, amount], [0, factor, 0, amount], [0, 0, factor, amount]])
    }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        matrix.apply(to: &row, format: format)
    }
}
