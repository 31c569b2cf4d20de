/// Cuts the corners off along quarters of a circle.
package struct Round: Operation {
    package static let specification = OperationSpecification(
        name: "round", summary: "Rounds the corners; what is outside becomes transparent.",
        parameters: [
            Parameter(
                "radius", .integer(1...Size.longestSide), default: 20,
                "Of the corners, in pixels; half of the shorter side at most.")
        ],
        positional: [["radius"]])

    private let radius: Int

    package init(_ arguments: Arguments) throws(PlanError) { radius = try arguments.requiredInteger("radius") }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        let size = source.layout.size
        return RoundedRows(source, radius: min(Double(radius), Double(min(size.width, size.height)) / 2))
    }

    package var takesDeepRows: Bool { true }

    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? { self }
}
