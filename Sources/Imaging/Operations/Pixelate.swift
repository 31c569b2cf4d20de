/// Makes a mosaic.
package struct Pixelate: Operation {
    package static let specification = OperationSpecification(
        name: "pixelate", summary: "Gives each square of the picture the mean of its pixels.",
        parameters: [Parameter("size", .integer(1...1000), default: 10, "The squares' side, in pixels.")],
        positional: [["size"]])

    private let side: Int

    package init(_ arguments: Arguments) throws(PlanError) { side = try arguments.requiredInteger("size") }

    package var takesDeepRows: Bool { true }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        side == 1 ? source : PixelatedRows(source, side: side)
    }
}
