import Imaging

/// Chooses a few colours for many, in Xiaolin Wu's way ("Efficient statistical computations for optimal color quantization",
/// Graphics Gems II, 1991): the box of colours with the largest squared error is cut where that leaves the least, until there
/// are enough boxes. Some rounds of k-means over the cells then move each colour to the mean of what it stands for.
struct Quantizer {
    /// Sums over all cells up to and with an index on each axis; index 0 is empty.
    private var sums: [SIMD4<Double>]
    private var squares: [Double]

    private static let side = ColorHistogram.levels + 1
    private static let refinementCount = 3

    /// - Parameter count: at least 1.
    /// - Returns: at most `count` colours, fewer where there are no more; one where the histogram is empty.
    static func palette(of histogram: ColorHistogram, count: Int) -> [Color] {
        if let exact = histogram.exactColors, exact.count <= count { return exact.isEmpty ? [.black] : exact }
        var means = Self(histogram).boxMeans(count: count)
        for _ in 0..<refinementCount { refine(&means, histogram) }
        return means.map { mean in
            Color(red: UInt8(mean[0].rounded()), green: UInt8(mean[1].rounded()), blue: UInt8(mean[2].rounded()))
        }
    }

    private init(_ histogram: ColorHistogram) {
        let side = Self.side
        sums = [SIMD4<Double>](repeating: .zero, count: side * side * side)
        squares = [Double](repeating: 0, count: side * side * side)
        for red in 1..<side {
            // What lies below in green and blue, for this red alone.
            var slice = [SIMD4<Double>](repeating: .zero, count: side)
            var squareSlice = [Double](repeating: 0, count: side)
            for green in 1..<side {
                var line = SIMD4<Double>.zero
                var squareLine = 0.0
                for blue in 1..<side {
                    let cell = (red - 1) << 10 | (green - 1) << 5 | (blue - 1)
                    line += histogram.cells[cell]
                    squareLine += histogram.squares[cell]
                    slice[blue] += line
                    squareSlice[blue] += squareLine
                    let index = Self.index(red, green, blue)
                    sums[index] = sums[Self.index(red - 1, green, blue)] + slice[blue]
                    squares[index] = squares[Self.index(red - 1, green, blue)] + squareSlice[blue]
                }
            }
        }
    }

    private static func index(_ red: Int, _ green: Int, _ blue: Int) -> Int { (red * side + green) * side + blue }

    /// A box of cells: above `low`, up to and with `high`, on each axis.
    private struct Box {
        var low = SIMD4<Int>(0, 0, 0, 0)
        var high = SIMD4<Int>(repeating: ColorHistogram.levels)
        var error = 0.0
    }

    private func boxMeans(count: Int) -> [SIMD4<Double>] {
        var boxes = [Box()]
        boxes[0].error = error(of: boxes[0])
        while boxes.count < count {
            guard let worst = boxes.indices.max(by: { boxes[$0].error < boxes[$1].error }), boxes[worst].error > 0
            else {
                break
            }
            if let (first, second) = cut(boxes[worst]) {
                boxes[worst] = first
                boxes.append(second)
            } else {
                boxes[worst].error = 0
            }
        }
        return boxes.map { box in
            let sum = total(box)
            return sum / max(sum[3], 1)
        }
    }

    /// Cuts a box across the axis and at the place that leave the least error.
    private func cut(_ box: Box) -> (Box, Box)? {
        let whole = total(box)
        var best: (score: Double, axis: Int, place: Int)?
        for axis in 0..<3 {
            for place in (box.low[axis] + 1)..<max(box.high[axis], box.low[axis] + 1) {
                var half = box
                half.high[axis] = place
                let first = total(half), second = whole - first
                guard first[3] > 0, second[3] > 0 else { continue }
                let score = Self.squaredSum(first) / first[3] + Self.squaredSum(second) / second[3]
                if score > best?.score ?? 0 { best = (score, axis, place) }
            }
        }
        guard let best else { return nil }
        var first = box, second = box
        first.high[best.axis] = best.place
        second.low[best.axis] = best.place
        first.error = error(of: first)
        second.error = error(of: second)
        return (first, second)
    }

    /// The squared distance of all pixels in the box from their mean.
    private func error(of box: Box) -> Double {
        let sum = total(box)
        return sum[3] > 0 ? Self.volume(box, squares) - Self.squaredSum(sum) / sum[3] : 0
    }

    private func total(_ box: Box) -> SIMD4<Double> {
        var total = SIMD4<Double>.zero
        for corner in 0..<8 { total += sums[Self.index(of: corner, box)] * Self.sign(of: corner) }
        return total
    }

    private static func volume(_ box: Box, _ sums: [Double]) -> Double {
        var total = 0.0
        for corner in 0..<8 { total += sums[index(of: corner, box)] * sign(of: corner) }
        return total
    }

    /// Where a corner of a box, 0…7, lies.
    private static func index(of corner: Int, _ box: Box) -> Int {
        index(
            corner & 1 == 0 ? box.high[0] : box.low[0], corner & 2 == 0 ? box.high[1] : box.low[1],
            corner & 4 == 0 ? box.high[2] : box.low[2])
    }

    /// The signs with which sums from the origin to the corners leave that of the box.
    private static func sign(of corner: Int) -> Double { corner.nonzeroBitCount.isMultiple(of: 2) ? 1 : -1 }

    private static func squaredSum(_ sum: SIMD4<Double>) -> Double {
        sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]
    }

    private static func refine(_ means: inout [SIMD4<Double>], _ histogram: ColorHistogram) {
        let palette = means.map { SIMD4<Float>($0) }
        var sums = [SIMD4<Double>](repeating: .zero, count: means.count)
        for cell in histogram.cells where cell[3] > 0 {
            sums[nearest(SIMD4<Float>(cell / cell[3]), palette)] += cell
        }
        for i in means.indices where sums[i][3] > 0 { means[i] = sums[i] / sums[i][3] }
    }

    private static func nearest(_ color: SIMD4<Float>, _ palette: [SIMD4<Float>]) -> Int {
        var best = 0
        var least = Float.infinity
        for i in palette.indices {
            let difference = color - palette[i]
            let distance = (difference * difference).sum()
            if distance < least { (least, best) = (distance, i) }
        }
        return best
    }
}
