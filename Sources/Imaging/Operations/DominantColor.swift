/// The colour that most of a picture has.
package struct DominantColor: FactOperation {
    package static let specification = OperationSpecification(
        name: "dominant_color",
        summary: "Tells the colour that most of the picture has, as `dominant_color` of the result's `facts`.")

    package var value = ""

    package init(_ arguments: Arguments) throws(PlanError) {}

    /// Counts colours by sixteen levels a channel, finds the level with the most pixels at it and right beside it, and takes
    /// the mean of those: a colour that lies between two levels is not split by that. What is transparent counts as far as
    /// it shows; of a picture with nothing to see it is white.
    package func find(in source: any RowSource) throws -> String {
        var sums = [SIMD4<Double>](repeating: .zero, count: 16 * 16 * 16)
        try source.forEachPixel { _, _, color, alpha in
            let level = SIMD3<Int>(Int(color[0]) / 16, Int(color[1]) / 16, Int(color[2]) / 16)
            sums[level[0] * 256 + level[1] * 16 + level[2]] += SIMD4(color, 1) * alpha
        }
        let levels = 0..<16
        func around(_ red: Int, _ green: Int, _ blue: Int) -> SIMD4<Double> {
            var sum = SIMD4<Double>.zero
            for r in max(0, red - 1)...min(15, red + 1) {
                for g in max(0, green - 1)...min(15, green + 1) {
                    for b in max(0, blue - 1)...min(15, blue + 1) { sum += sums[r * 256 + g * 16 + b] }
                }
            }
            return sum
        }
        var most = SIMD4<Double>.zero
        for red in levels {
            for green in levels {
                for blue in levels where sums[red * 256 + green * 16 + blue][3] > 0 {
                    let sum = around(red, green, blue)
                    if sum[3] > most[3] { most = sum }
                }
            }
        }
        guard most[3] > 0 else { return "\(Color.white)" }
        let mean = (most / most[3]).rounded(.toNearestOrAwayFromZero)
        return "\(Color(red: UInt8(mean[0]), green: UInt8(mean[1]), blue: UInt8(mean[2])))"
    }
}
