/// A picture printed in one colour: its luma (Rec. ITU-R BT.601, as ``Grayscale``) from black to that colour.
package struct Tint: PointOperation {
    package static let specification = OperationSpecification(
        name: "tint", summary: "Gives the picture the shades of one colour.",
        parameters: [
            Parameter("color", .color, isRequired: true, "What white becomes; black stays."),
            Parameter(
                "intensity", .number(0...1), default: 1, "0 leaves the picture unchanged, 1 has that colour alone."),
        ],
        positional: [["color"], ["intensity"]])

    private let matrix: ColorMatrix

    package init(_ arguments: Arguments) throws(PlanError) {
        guard let color = arguments.color("color") else { throw .missingParameter(name: "color", context: "tint") }
        let amount = try arguments.requiredNumber("intensity")
        let rows = [color.red, color.green, color.blue].enumerated().map { channel, value in
            var row = [0.299, 0.587, 0.114, 0].map { $0 * amount * Double(value) / 255 }
            row[channel] += 1 - amount
            return row
        }
        matrix = ColorMatrix(rows)
    }

    package var colorsGray: Bool { true }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        matrix.apply(to: &row, format: format)
    }
}
