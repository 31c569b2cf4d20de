/// Takes specks away and leaves edges where they are.
package struct Median: Operation {
    package static let specification = OperationSpecification(
        name: "median", summary: "Gives each pixel the median of the square around it, channel by channel.",
        parameters: [
            Parameter(
                "size", .integers(Array(stride(from: 3, through: 15, by: 2))), default: 3,
                "The side of the square, in pixels.")
        ],
        positional: [["size"]])

    private let size: Int

    package init(_ arguments: Arguments) throws(PlanError) { size = try arguments.requiredInteger("size") }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        MedianRows(source, side: size)
    }

    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? { self }
}
