/// One axis of a resampling: where each sample of the result lies among those of the input, and the kernel that mixes it.
struct Axis: Sendable {
    /// What lies beyond the first and the last sample.
    enum Edge {
        /// Nothing: the kernel is cut off there and what is left of it scaled up to 1.
        case cut
        /// The outermost sample, again and again.
        case repeated
    }

    /// Samples along the input's axis; sample `j` lies at `j + 0.5`.
    let inputCount: Int
    /// Samples along the result's.
    let outputCount: Int
    /// Whether output `outputCount - 1 - i` lies as far from the end as output `i` from the start.
    let isSymmetric: Bool
    /// How far from its centre the kernel reaches, in input samples.
    let support: Double
    let edge: Edge
    /// Where an output lies on the input's axis.
    let center: @Sendable (Int) -> Double
    /// By distance from the centre in input samples; need not be normalised.
    let kernel: @Sendable (Double) -> Double

    /// - Parameter weights: takes weights that add up to 1.
    /// - Returns: the sample that the first of them is for.
    func weigh(_ output: Int, into weights: inout [Double]) -> Int {
        let center = center(output)
        let first = Int((center - support - 0.5).rounded(.up))
        let last = max(first, Int((center + support - 0.5).rounded(.down)))
        let start = min(max(first, 0), inputCount - 1)
        let end = min(max(last, 0), inputCount - 1)
        weights.removeAll(keepingCapacity: true)
        weights.append(contentsOf: repeatElement(0, count: end - start + 1))
        var sum = 0.0
        for sample in first...last {
            let place = min(max(sample, 0), inputCount - 1)
            guard place == sample || edge == .repeated else { continue }
            let weight = kernel(Double(sample) + 0.5 - center)
            weights[place - start] += weight
            sum += weight
        }
        guard abs(sum) >= 1e-12 else {
            // A kernel so narrow that it falls between two samples: the nearer one alone.
            weights.removeAll(keepingCapacity: true)
            weights.append(1)
            return start
        }
        for index in weights.indices { weights[index] /= sum }
        return start
    }
}
