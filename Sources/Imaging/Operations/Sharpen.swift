/// Makes edges clearer, or softer.
package struct Sharpen: Operation {
    package static let specification = OperationSpecification(
        name: "sharpen", summary: "Moves each pixel away from the mean of its surroundings, or towards it.",
        parameters: [
            Parameter(
                "intensity", .number(0...10), default: 2,
                "1 leaves the picture unchanged, 0 gives the mean, more than 1 sharpens.")
        ],
        positional: [["intensity"]])

    private let intensity: Double

    package init(_ arguments: Arguments) throws(PlanError) { intensity = try arguments.requiredNumber("intensity") }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        intensity == 1 ? source : SharpenedRows(source, intensity: intensity)
    }

    package var takesDeepRows: Bool { true }

    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? { self }
}
