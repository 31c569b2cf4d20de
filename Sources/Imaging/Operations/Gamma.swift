#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A power of each colour, which leaves black and white where they are.
package struct Gamma: PointOperation {
    package static let specification = OperationSpecification(
        name: "gamma", summary: "Lightens or darkens the middle tones.",
        parameters: [
            Parameter(
                "exponent", .number(0.1...10), default: 2.2,
                "Colours of 0…1 are raised to its inverse: above 1 lightens, 1 leaves the picture unchanged.")
        ],
        positional: [["exponent"]])

    private var curve: ToneCurve

    package init(_ arguments: Arguments) throws(PlanError) {
        let inverse = 1 / (try arguments.requiredNumber("exponent"))
        curve = ToneCurve { pow($0, inverse) }
    }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        curve.apply(to: &row, format: format)
    }

    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        var prepared = self
        prepared.curve = curve.prepared(for: source.layout.format)
        return PointRows.applying(prepared, to: source)
    }
}
