/// The brown of old photographs: `sepia()` of the W3C's Filter Effects Module.
package struct Sepia: PointOperation {
    package static let specification = OperationSpecification(
        name: "sepia", summary: "Gives the brown tone of old photographs.",
        parameters: [
            Parameter(
                "intensity", .number(0...1), default: 1, "0 leaves the picture unchanged, 1 is wholly brown.")
        ],
        positional: [["intensity"]])

    private let matrix: ColorMatrix

    package init(_ arguments: Arguments) throws(PlanError) {
        let rest = 1 - (try arguments.requiredNumber("intensity"))
        matrix = ColorMatrix([
            [0.393 + 0.607 * rest, 0.769 - 0.769 * rest, 0.189 - 0.189 * rest, 0],
            [0.349 - 0.349 * rest, 0.686 + 0.314 * rest, 0.168 - 0.168 * rest, 0],
            [0.272 - 0.272 * rest, 0.534 - 0.534 * rest, 0.131 + 0.869 * rest, 0],
        ])
    }

    package var colorsGray: Bool { true }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        matrix.apply(to: &row, format: format)
    }
}
