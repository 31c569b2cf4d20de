#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `hue-rotate()` of the W3C's Filter Effects Module.
package struct HueRotate: PointOperation {
    package static let specification = OperationSpecification(
        name: "hue_rotate", summary: "Turns every colour around the colour circle.",
        parameters: [
            Parameter(
                "intensity", .finite, default: 90, "In degrees; 360 leaves the picture unchanged.")
        ],
        positional: [["intensity"]])

    private let matrix: ColorMatrix

    package init(_ arguments: Arguments) throws(PlanError) {
        let degrees = try arguments.requiredNumber("intensity").truncatingRemainder(dividingBy: 360)
        let (cosine, sine) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
        matrix = ColorMatrix([
            [
                0.213 + 0.787 * cosine - 0.213 * sine, 0.715 - 0.715 * cosine - 0.715 * sine,
                0.072 - 0.072 * cosine + 0.928 * sine, 0,
            ],
            [
                0.213 - 0.213 * cosine + 0.143 * sine, 0.715 + 0.285 * cosine + 0.140 * sine,
                0.072 - 0.072 * cosine - 0.283 * sine, 0,
            ],
            [
                0.213 - 0.213 * cosine - 0.787 * sine, 0.715 - 0.715 * cosine + 0.715 * sine,
                0.072 + 0.928 * cosine + 0.072 * sine, 0,
            ],
        ])
    }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        matrix.apply(to: &row, format: format)
    }
}
