#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A few characters that a client draws a blurred stand-in from until the picture has come (woltapp/blurhash,
/// "Algorithm.md").
package struct BlurHash: FactOperation {
    package static let specification = OperationSpecification(
        name: "blurhash",
        summary: "Tells the picture's BlurHash, a few characters for a blurred stand-in, as `blurhash` of the result's "
            + "`facts`.",
        parameters: [
            Parameter("x", .integer(1...9), default: 4, "How many components across."),
            Parameter("y", .integer(1...9), default: 3, "How many components down."),
        ],
        positional: [["x", "y"]])

    package var value = ""
    private let columns, rows: Int

    package init(_ arguments: Arguments) throws(PlanError) {
        columns = try arguments.requiredInteger("x")
        rows = try arguments.requiredInteger("y")
    }

    package func find(in source: any RowSource) throws -> String {
        let size = source.layout.size
        let across = Self.waves(columns, over: size.width)
        let down = Self.waves(rows, over: size.height)
        var sums = [SIMD3<Double>](repeating: .zero, count: columns * rows)
        try source.forEachPixel { x, y, color, alpha in
            // Transparent pixels are white, as they are where a format has no alpha.
            let shown = color * alpha + 255 * (1 - alpha)
            let linear = SIMD3(SRGB.light(of: shown[0]), SRGB.light(of: shown[1]), SRGB.light(of: shown[2]))
            for row in 0..<rows {
                for column in 0..<columns {
                    sums[row * columns + column] += linear * (across[column][x] * down[row][y])
                }
            }
        }
        let components = sums.indices.map { index in sums[index] * ((index == 0 ? 1 : 2) / Double(size.area)) }
        return Self.text(of: components, columns: columns, rows: rows)
    }

    /// The cosines of so many waves, each from half a wave more.
    private static func waves(_ count: Int, over length: Int) -> [[Double]] {
        (0..<count).map { wave in
            (0..<length).map { cos(Double.pi * Double(wave) * Double($0) / Double(length)) }
        }
    }

    private static func text(of components: [SIMD3<Double>], columns: Int, rows: Int) -> String {
        let largest = components.dropFirst().map { max(abs($0[0]), abs($0[1]), abs($0[2])) }.max()
        let level = largest.map { min(max(Int(($0 * 166 - 0.5).rounded(.down)), 0), 82) } ?? 0
        let scale = largest == nil ? 1 : Double(level + 1) / 166
        let mean = components[0]
        var text = digits(columns - 1 + (rows - 1) * 9, count: 1) + digits(level, count: 1)
        text += digits((0..<3).reduce(0) { $0 << 8 + Int(SRGB.level(of: mean[$1]).rounded()) }, count: 4)
        for component in components.dropFirst() {
            let levels = (0..<3).map { channel in
                let part = component[channel] / scale
                let root = part < 0 ? -(-part).squareRoot() : part.squareRoot()
                return min(max(Int((root * 9 + 9.5).rounded(.down)), 0), 18)
            }
            text += digits((levels[0] * 19 + levels[1]) * 19 + levels[2], count: 2)
        }
        return text
    }

    private static let alphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~")

    private static func digits(_ value: Int, count: Int) -> String {
        var (rest, text) = (value, "")
        for _ in 0..<count {
            text = String(alphabet[rest % 83]) + text
            rest /= 83
        }
        return text
    }
}
