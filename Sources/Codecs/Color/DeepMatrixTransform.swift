import CLCMS
import Imaging

/// What ``MatrixTransform`` is, for samples of 16 bits and in floating point.
///
/// Little CMS, told to be as exact, calls functions for each pixel that take many times as long.
struct DeepMatrixTransform {
    /// The light of sRGB's three channels that is in full red, green and blue.
    private let red, green, blue: SIMD4<Float>
    /// The light of each level of red, green and blue.
    private let reds, greens, blues: [Float]
    /// sRGB's levels of light 0…1 in ``lastLight`` steps. Between two of them its curve is a line, within a tenth of a level.
    private let levels: [Float]

    private static let lastLight = 1 << 14

    /// - Returns: `nil` for a profile of another kind, or one whose numbers are beyond any colour.
    init?(_ profile: cmsHPROFILE) {
        guard let matrix = unsafe MatrixProfile(profile, lastLevel: 65_535, lastLight: Self.lastLight) else {
            return nil
        }
        let lights = matrix.lights.map { SIMD4<Float>(Float($0.x), Float($0.y), Float($0.z), 0) }
        (red, green, blue) = (lights[0], lights[1], lights[2])
        let tables = matrix.levels.map { $0.map { Float($0) } }
        // Most profiles have one curve for all, which then takes the cache once.
        reds = tables[0]
        greens = tables[1] == reds ? reds : tables[1]
        blues = tables[2] == reds ? reds : tables[2]
        levels = matrix.numbers.map { $0 * 65_535 } + [65_535]
    }

    /// - Parameter row: deep RGBA; alpha stays.
    func apply(to row: inout MutableSpan<UInt8>) {
        let most = Float(Self.lastLight)
        row.withSamples(of: UInt16.self) { row in
            for i in stride(from: 0, to: row.count, by: 4) {
                let light =
                    (red * reds[Int(row[i])] + green * greens[Int(row[i + 1])] + blue * blues[Int(row[i + 2])]) * most
                let held = light.replacing(with: 0, where: light .< 0).replacing(with: most, where: light .> most)
                row[i] = level(of: held.x)
                row[i + 1] = level(of: held.y)
                row[i + 2] = level(of: held.z)
            }
        }
    }

    /// - Parameter light: in steps.
    @inline(__always)
    private func level(of light: Float) -> UInt16 {
        let step = Int(light)
        let (below, above) = (levels[step], levels[step + 1])
        return UInt16(nearest: below + (above - below) * (light - Float(step)))
    }
}
