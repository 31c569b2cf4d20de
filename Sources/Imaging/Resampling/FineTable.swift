/// What ``AxisTable`` is, in floating point: for deep rows, which would show weights rounded to 14 bits.
struct FineTable: Sendable {
    let inputCount: Int
    /// The first tap of each output.
    private(set) var starts: [Int] = []
    /// Output `i` has the weights `offsets[i]..<offsets[i + 1]`, which add up to 1.
    private(set) var offsets = [0]
    private(set) var weights: [Float] = []

    var count: Int { starts.count }

    init(_ axis: Axis) {
        inputCount = axis.inputCount
        var taps: [Double] = []
        for output in 0..<axis.outputCount {
            starts.append(axis.weigh(output, into: &taps))
            weights.append(contentsOf: taps.lazy.map { Float($0) })
            offsets.append(weights.count)
        }
    }

    /// The input samples that an output is mixed from.
    func taps(of output: Int) -> Range<Int> {
        starts[output]..<starts[output] + offsets[output + 1] - offsets[output]
    }
}
