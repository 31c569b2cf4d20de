/// A small picture of the whole.
package struct Thumbnail: Operation {
    package static let specification = OperationSpecification(
        name: "thumbnail", summary: "Resizes to fit inside a square; a smaller picture stays as it is.",
        parameters: [
            Parameter("size", .integer(1...Size.longestSide), default: 200, "The longer side at most, in pixels.")
        ],
        positional: [["size"]])

    private let resize: Resize

    package init(_ arguments: Arguments) throws(PlanError) {
        self.init(side: try arguments.requiredInteger("size"))
    }

    /// - Parameter side: the longer one at most, in pixels.
    package init(side: Int) {
        resize = Resize(width: side, height: side, fit: .inside, enlarges: false)
    }

    package func outputSize(of input: Size) throws(PlanError) -> Size { try resize.outputSize(of: input) }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        try resize.stage(reading: source, of: input)
    }

    package var takesDeepRows: Bool { true }

    package func filtering(of input: Size) -> Filtering? { resize.filtering(of: input) }

    package func leastInput(for input: Size, leaving least: Size?) -> Size? {
        resize.leastInput(for: input, leaving: least)
    }

    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? { resize.before(turn, of: input) }
}
