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
        var first: [Int] = []
        var taps: [Int16] = []
        var bounds = [0]
        var reals: [Double] = []
        for output in 0..<direct {
            first.append(
                Self.evaluate(
                    kernel, around: center(output), support: support, inputCount: inputCount, edge: edge, into: &reals))
            let isMiddle = isSymmetric && output == outputCount - 1 - output
            Self.quantize(reals, isSymmetric: isMiddle, onto: &taps)
            bounds.append(taps.count)
        }
        for output in 0..<outputCount {
            let source = output < direct ? output : outputCount - 1 - output
            let weights = taps[bounds[source]..<bounds[source + 1]]
            if output < direct {
                append(start: first[source], weights)
            } else {
                append(start: inputCount - first[source] - weights.count, weights.reversed())
            }
        }
    }

    /// - Parameter reals: takes weights that add up to 1.
    /// - Returns: the sample that the first of them is for.
    private static func evaluate(
        _ kernel: (Double) -> Double, around center: Double, support: Double, inputCount: Int, edge: Edge,
        into reals: inout [Double]
    ) -> Int {
        let first = Int((center - support - 0.5).rounded(.up))
        let last = max(first, Int((center + support - 0.5).rounded(.down)))
        let start = min(max(first, 0), inputCount - 1)
        let end = min(max(last, 0), inputCount - 1)
        reals.removeAll(keepingCapacity: true)
        reals.append(contentsOf: repeatElement(0, count: end - start + 1))
        var sum = 0.0
        for sample in first...last {
            let place = min(max(sample, 0), inputCount - 1)
            guard place == sample || edge == .repeated else { continue }
            let weight = kernel(Double(sample) + 0.5 - center)
            reals[place - start] += weight
            sum += weight
        }
        guard abs(sum) >= 1e-12 else {
            // A kernel so narrow that it falls between two samples: the nearer one alone.
            reals.removeAll(keepingCapacity: true)
            reals.append(1)
            return start
        }
        for index in reals.indices { reals[index] /= sum }
        return start
    }

    /// Rounds the running sum rather than each weight: no part of the kernel gains or loses more than half a step, however
    /// many small weights it has.
    private static func quantize(_ reals: [Double], isSymmetric: Bool, onto weights: inout [Int16]) {
        let start = weights.count
        var sum = 0.0
        var before = 0
        for index in reals.indices {
            sum += reals[index]
            let after = index == reals.count - 1 ? one : Int((sum * Double(one)).rounded())
            weights.append(Int16(clamping: after - before))
            before = after
        }
        guard isSymmetric else { return }
        // The second half mirrors the first; what the rounding leaves over is the middle's.
        let half = reals.count / 2
        for index in 0..<half { weights[weights.count - 1 - index] = weights[start + index] }
        let rest = one - 2 * weights[start..<start + half].reduce(0) { $0 + Int($1) }
        if reals.count.isMultiple(of: 2) {
            weights[start + half - 1] += Int16(clamping: rest / 2)
            weights[start + half] += Int16(clamping: rest / 2)
        } else {
            weights[start + half] = Int16(clamping: rest)
        }
    }

    private mutating func append(start: Int, _ taps: some BidirectionalCollection<Int16>) {
        var taps = taps[...]
        var start = start
        while taps.count > 1, taps.first == 0 {
            taps = taps.dropFirst()
            start += 1
        }
        while taps.count > 1, taps.last == 0 { taps = taps.dropLast() }
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
