/// For each sample along one axis of a result, the samples of the input that it is mixed from, and how much of each.
///
/// Weights are whole numbers that add up to exactly ``one``, so a plain area keeps its value. The taps of an output
/// start at an even input sample and their number is even, so that the passes can read samples two by two; taps beyond
/// the input's end have weight 0.
struct AxisTable: Sendable {
    /// What weight 1 is written as. A weight may reach almost 2 in 16 bits.
    static let one = 1 << shift
    static let shift = 14

    let inputCount: Int
    /// The first tap of each output: even.
    private(set) var starts: [Int] = []
    /// Output `i` has the weights `offsets[i]..<offsets[i + 1]`: an even number of them.
    private(set) var offsets = [0]
    private(set) var weights: [Int16] = []

    var count: Int { starts.count }

    /// Where an axis is symmetric, an output's weights and those of its opposite are the same in reverse, bit by bit, so that
    /// mirroring before and after give the same picture.
    init(_ axis: Axis) {
        let (inputCount, outputCount, isSymmetric) = (axis.inputCount, axis.outputCount, axis.isSymmetric)
        self.inputCount = inputCount
        let direct = isSymmetric ? (outputCount + 1) / 2 : outputCount
        var first: [Int] = []
        var taps: [Int16] = []
        var bounds = [0]
        var reals: [Double] = []
        for output in 0..<direct {
            first.append(axis.weigh(output, into: &reals))
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
