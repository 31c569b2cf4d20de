/// For each sample along one axis of a result, the samples of the input that it is mixed from, and how much of each.
///
/// Weights are whole numbers that add up to exactly ``one``, so a plain area keeps its value. The taps of an output
/// start at an even input sample and their number is even, so that the passes can read samples two by two; taps beyond
/// the input's end have weight 0.
struct AxisTable: Sendable {
    /// What weight 1 is written as. A weight may reach almost 2 in 16 bits.
    static let one = 1 << shift
    static let shift = 14

    /// What lies beyond the first and the last sample.
    enum Edge {
        /// Nothing: the kernel is cut off there and what is left of it scaled up to 1.
        case cut
        /// The outermost sample, again and again.
        case repeated
    }

    let inputCount: Int
    /// The first tap of each output: even.
    private(set) var starts: [Int] = []
    /// Output `i` has the weights `offsets[i]..<offsets[i + 1]`: an even number of them.
    private(set) var offsets = [0]
    private(set) var weights: [Int16] = []

    var count: Int { starts.count }

    /// - Parameters:
    ///   - inputCount: samples along the input's axis; sample `j` lies at `j + 0.5`.
    ///   - outputCount: samples along the result's.
    ///   - center: where an output lies on the input's axis.
    ///   - isSymmetric: whether output `outputCount - 1 - i` lies as far from the end as output `i` from the start. Then
    ///     its weights are the same in reverse, bit by bit, so that mirroring before and after give the same picture.
    ///   - support: how far from its centre the kernel reaches, in input samples.
    ///   - kernel: by distance from the centre in input samples; need not be normalised.
    init(
        inputCount: Int, outputCount: Int, isSymmetric: Bool, support: Double, edge: Edge,
        center: (Int) -> Double, kernel: (Double) -> Double
    ) {
        self.inputCount = inputCount
        let direct = isSymmetric ? (outputCount + 1) / 2 : outputCount
        var taps: [(start: Int, weights: [Int16])] = []
        taps.reserveCapacity(direct)
        for output in 0..<direct {
            let (start, reals) = Self.reals(
                around: center(output), support: support, inputCount: inputCount, edge: edge, kernel: kernel)
            let isMiddle = isSymmetric && output == outputCount - 1 - output
            taps.append((start, Self.quantized(reals, isSymmetric: isMiddle)))
        }
        for output in 0..<outputCount {
            if output < direct {
                append(start: taps[output].start, taps[output].weights[...])
            } else {
                let twin = taps[outputCount - 1 - output]
                append(start: inputCount - twin.start - twin.weights.count, twin.weights.reversed()[...])
            }
        }
    }

    private static func reals(
        around center: Double, support: Double, inputCount: Int, edge: Edge, kernel: (Double) -> Double
    ) -> (start: Int, weights: [Double]) {
        let first = Int((center - support - 0.5).rounded(.up))
        let last = max(first, Int((center + support - 0.5).rounded(.down)))
        let start = min(max(first, 0), inputCount - 1)
        let end = min(max(last, 0), inputCount - 1)
        var weights = [Double](repeating: 0, count: end - start + 1)
        for sample in first...last {
            let place = min(max(sample, 0), inputCount - 1)
            if place == sample || edge == .repeated { weights[place - start] += kernel(Double(sample) + 0.5 - center) }
        }
        let sum = weights.reduce(0, +)
        // A kernel so narrow that it falls between two samples: the nearer one alone.
        if abs(sum) < 1e-12 { return (start, [1]) }
        return (start, weights.map { $0 / sum })
    }

    /// Rounds the running sum rather than each weight: no part of the kernel gains or loses more than half a step, however
    /// many small weights it has.
    private static func quantized(_ reals: [Double], isSymmetric: Bool) -> [Int16] {
        var sums = [0]
        sums.reserveCapacity(reals.count + 1)
        var sum = 0.0
        for weight in reals {
            sum += weight
            sums.append(Int((sum * Double(one)).rounded()))
        }
        sums[reals.count] = one
        if isSymmetric {
            for index in 0...reals.count / 2 { sums[reals.count - index] = one - sums[index] }
            if reals.count.isMultiple(of: 2) { sums[reals.count / 2] = one / 2 }
        }
        return (0..<reals.count).map { Int16(clamping: sums[$0 + 1] - sums[$0]) }
    }

    private mutating func append(start: Int, _ taps: ArraySlice<Int16>) {
        var taps = taps
        var start = start
        while taps.count > 1, taps.first == 0 {
            taps.removeFirst()
            start += 1
        }
        while taps.count > 1, taps.last == 0 { taps.removeLast() }
        if !start.isMultiple(of: 2) {
            start -= 1
            weights.append(0)
        }
        weights.append(contentsOf: taps)
        if !weights.count.isMultiple(of: 2) { weights.append(0) }
        starts.append(start)
        offsets.append(weights.count)
    }
}
