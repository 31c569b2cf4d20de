/// A Gaussian blur whose cost does not grow with its width.
///
/// A narrow Gaussian is a plain convolution. A wide one leaves nothing that a coarse grid could not hold: the picture is
/// sampled through a somewhat narrower Gaussian at a spacing of one σ, on a grid that reaches two samples beyond the
/// edges, and brought back to full size through a cubic B-spline. The spline at spacing f is itself nearly a Gaussian,
/// of variance f²/3 (Unser, Aldroubi, Eden, "B-spline signal processing", IEEE Trans. Signal Processing 41, 1993), and
/// variances of successive blurs add up, so the narrower one has σ² − f²/3. What the spline differs from a Gaussian in,
/// its fourth cumulant of −f⁴/30, shows as less than 0.2 of a level at an edge and 0.5 at worst.
enum GaussianBlur {
    /// Below this, in pixels, a plain convolution takes less time than two passes more.
    private static let leastGridSigma = 2.0

    static func blurring(_ source: any RowSource, sigma: Double) -> any RowSource {
        // The neighbour would weigh less than a thousandth of a level.
        if sigma < 0.18 { return source }
        let size = source.layout.size
        guard sigma >= leastGridSigma else {
            let columns = Axis.gaussian(inputCount: size.width, sigma: sigma, spacing: 1, outputCount: size.width)
            let rows = Axis.gaussian(inputCount: size.height, sigma: sigma, spacing: 1, outputCount: size.height)
            return source.layout.format.isDeep
                ? DeepResampler(.samples(source), columns: columns, rows: rows)
                : Resampler(.bytes(source), columns: columns, rows: rows)
        }
        let spacing = sigma
        let narrower = (sigma * sigma - spacing * spacing / 3).squareRoot()
        let grid = Size(width: count(size.width, spacing), height: count(size.height, spacing))
        let columns = Axis.gaussian(
            inputCount: size.width, sigma: narrower, spacing: spacing, outputCount: grid.width)
        let rows = Axis.gaussian(
            inputCount: size.height, sigma: narrower, spacing: spacing, outputCount: grid.height)
        let backColumns = Axis.spline(inputCount: grid.width, spacing: spacing, outputCount: size.width)
        let backRows = Axis.spline(inputCount: grid.height, spacing: spacing, outputCount: size.height)
        guard source.layout.format.isDeep else {
            let coarse = Resampler(.bytes(source), columns: columns, rows: rows)
            return Resampler(.wide(coarse), columns: backColumns, rows: backRows)
        }
        let coarse = DeepResampler(.samples(source), columns: columns, rows: rows)
        return DeepResampler(.floats(coarse), columns: backColumns, rows: backRows)
    }

    /// Samples of the grid along a side: the spline of the outermost pixels reaches two beyond it.
    private static func count(_ side: Int, _ spacing: Double) -> Int {
        Int((Double(side - 1) / spacing).rounded(.up)) + 5
    }
}
