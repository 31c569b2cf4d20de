/// A true Gaussian blur.
package struct Blur: Operation {
    package static let specification = OperationSpecification(
        name: "blur",
        summary: "Blurs with a Gaussian, within 2/255 of the exact one at every pixel; the edge's pixels are repeated.",
        parameters: [
            Parameter("intensity", .number(0...250), default: 2, "The Gaussian's standard deviation, in pixels.")
        ],
        positional: [["intensity"]])

    private let sigma: Double

    package init(_ arguments: Arguments) throws(PlanError) { sigma = try arguments.requiredNumber("intensity") }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        GaussianBlur.blurring(source, sigma: sigma)
    }

    package var takesDeepRows: Bool { true }

    package func filtering(of input: Size) -> Filtering? { .blur(sigma: sigma) }

    package func before(_ turn: Orientation, of input: Size) -> (any Operation)? { self }
}
