#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How far from a picture another may be. Tolerances of two steps add up.
struct Tolerance: Sendable {
    /// Of all colour samples.
    let mean: Double
    /// The root of the mean square.
    let deviation: Double
    let maximum: Double

    static let exact = Tolerance(mean: 0, deviation: 0, maximum: 0)

    private init(mean: Double, deviation: Double, maximum: Double) {
        (self.mean, self.deviation, self.maximum) = (mean, deviation, maximum)
    }

    /// - Parameters:
    ///   - mean: the mean absolute error.
    ///   - decibels: the least peak signal-to-noise ratio.
    ///   - maximum: the largest error of a sample.
    init(mean: Double, decibels: Double, maximum: Double) {
        self.init(mean: mean, deviation: 255 / pow(10, decibels / 20), maximum: maximum)
    }

    static func + (left: Tolerance, right: Tolerance) -> Tolerance {
        Tolerance(
            mean: left.mean + right.mean, deviation: left.deviation + right.deviation,
            maximum: left.maximum + right.maximum)
    }
}

/// The distance between two scenes. A colour counts as far as it can be seen: by its pixel's alpha.
struct Difference: CustomStringConvertible {
    private(set) var mean = 0.0
    private(set) var deviation = 0.0
    private(set) var maximum = 0.0
    /// Pixels whose alpha is another.
    private(set) var alphaCount = 0

    init(from expected: Scene, to found: Scene) {
        for (wanted, got) in zip(expected.pixels, found.pixels) {
            if wanted.w != got.w { alphaCount += 1 }
            for channel in 0..<3 {
                let error = abs(Double(wanted[channel]) - Double(got[channel])) * Double(wanted.w) / 255
                mean += error
                deviation += error * error
                maximum = max(maximum, error)
            }
        }
        let count = Double(expected.pixels.count * 3)
        mean /= count
        deviation = (deviation / count).squareRoot()
    }

    func isWithin(_ tolerance: Tolerance) -> Bool {
        alphaCount == 0 && mean <= tolerance.mean && deviation <= tolerance.deviation && maximum <= tolerance.maximum
    }

    var description: String {
        let decibels = deviation == 0 ? .infinity : 20 * log10(255 / deviation)
        return "mean \(mean), \(decibels) dB, at most \(maximum), \(alphaCount) pixels of another alpha"
    }
}
