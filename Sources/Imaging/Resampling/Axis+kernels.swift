#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Axis {
    /// Lanczos with three lobes, widened where it shrinks so that nothing between two samples is skipped.
    ///
    /// - Parameters:
    ///   - window: the part of the input's axis that the outputs divide evenly; samples beyond it, but within the input,
    ///     still take part where the kernel reaches them.
    ///   - covered: how many outputs it comes to, where it ends within the last one, which then lies in the middle of what
    ///     it has of the window.
    static func lanczos(
        inputCount: Int, window: Range<Double>, outputCount: Int, covered: Double? = nil
    ) -> Axis {
        let covered = covered ?? Double(outputCount)
        let length = window.upperBound - window.lowerBound
        let step = length / covered
        let scale = max(step, 1)
        let isCentered = abs(window.lowerBound + window.upperBound - Double(inputCount)) < 1e-9
        return Axis(
            inputCount: inputCount, outputCount: outputCount,
            isSymmetric: isCentered && covered == Double(outputCount),
            support: 3 * scale, edge: .cut,
            center: { window.lowerBound + (Double($0) + min(Double($0 + 1), covered)) / 2 * step },
            kernel: { lanczos3($0 / scale) })
    }

    /// A Gaussian of standard deviation `sigma`, sampled at evenly spaced places.
    ///
    /// - Parameters:
    ///   - spacing: from one output to the next, in input samples.
    ///   - outputCount: the outputs lie around the middle of the input.
    static func gaussian(inputCount: Int, sigma: Double, spacing: Double, outputCount: Int) -> Axis {
        Axis(
            inputCount: inputCount, outputCount: outputCount, isSymmetric: true,
            // Beyond 3.6 deviations lie 0.03 % of a Gaussian: less than a tenth of a grey level of 255.
            support: 3.6 * sigma, edge: .repeated,
            center: { centered($0, of: outputCount, spacing: spacing, around: inputCount) },
            kernel: { exp(-$0 * $0 / (2 * sigma * sigma)) })
    }

    /// Cubic B-spline through the samples of a coarse grid, back to every sample of the original.
    ///
    /// - Parameter spacing: from one sample of the grid to the next, in outputs; the grid lies around their middle.
    static func spline(inputCount: Int, spacing: Double, outputCount: Int) -> Axis {
        Axis(
            inputCount: inputCount, outputCount: outputCount, isSymmetric: true, support: 2, edge: .cut,
            center: { centered($0, of: outputCount, spacing: 1 / spacing, around: inputCount) },
            kernel: cubicSpline)
    }

    private static func centered(_ output: Int, of count: Int, spacing: Double, around inputCount: Int) -> Double {
        Double(inputCount) / 2 + (Double(output) - Double(count - 1) / 2) * spacing
    }
}

/// `sinc(x) · sinc(x / 3)` within three samples, as Duchon (1979) defines Lanczos' window; with
/// `sin(3t) = 3 sin(t) − 4 sin³(t)` it takes one sine.
private func lanczos3(_ x: Double) -> Double {
    if abs(x) < 1e-9 { return 1 }
    if abs(x) >= 3 { return 0 }
    let third = Double.pi * x / 3
    let sine = sin(third)
    let squared = sine * sine
    return squared * (3 - 4 * squared) / (3 * third * third)
}

/// The B-spline of third degree: four samples wide, of variance 1/3.
private func cubicSpline(_ x: Double) -> Double {
    let x = abs(x)
    if x < 1 { return 2.0 / 3 - x * x + x * x * x / 2 }
    if x < 2 { return (2 - x) * (2 - x) * (2 - x) / 6 }
    return 0
}
