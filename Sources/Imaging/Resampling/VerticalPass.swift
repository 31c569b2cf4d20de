import CVectors

/// Mixes rows that ``HorizontalPass`` left in a ring, in pairs.
struct VerticalPass: Sendable {
    private let table: AxisTable
    /// Each pair of weights four times over, for the four samples of a vector.
    private let weights: [SIMD8<Int16>]
    /// The first pair that any output row uses.
    let firstPair: Int
    /// How many pairs of rows the ring must hold, so that none is overwritten before its last use.
    let ringPairCount: Int
    private let isWide: Bool

    /// - Parameter isWide: whether the processor's wider vectors are used.
    init(_ table: AxisTable, isWide: Bool = hasWideVectors) {
        self.table = table
        self.isWide = isWide
        weights = stride(from: 0, to: table.weights.count, by: 2).map { index in
            let (a, b) = (table.weights[index], table.weights[index + 1])
            return SIMD8(a, b, a, b, a, b, a, b)
        }
        firstPair = (table.starts.min() ?? 0) / 2
        var read = 0
        var held = 1
        for output in 0..<table.count {
            let taps = (table.offsets[output + 1] - table.offsets[output]) / 2
            read = max(read, table.starts[output] / 2 + taps)
            held = max(held, read - table.starts[output] / 2)
        }
        ringPairCount = held
    }

    /// The pairs of input rows that an output row is mixed from: pair `p` is rows `2p` and `2p + 1`.
    func pairs(for output: Int) -> Range<Int> {
        let first = table.starts[output] / 2
        return first..<first + (table.offsets[output + 1] - table.offsets[output]) / 2
    }

    /// - Parameters:
    ///   - output: the row to make.
    ///   - ring: pair `p` of rows at `(p % ringPairCount) * pairStride`.
    ///   - wide: takes the row; a multiple of 16 samples, as long as half of a pair.
    func mix(_ output: Int, from ring: [Int16], pairStride: Int, into wide: inout [Int16]) {
        precondition(ring.count >= ringPairCount * pairStride && wide.count * 2 <= pairStride)
        let pairs = pairs(for: output)
        let places = pairs.map { $0 % ringPairCount * pairStride }
        let firstWeight = table.offsets[output] / 2
        unsafe wide.withUnsafeMutableBufferPointer { wide in
            unsafe ring.withUnsafeBufferPointer { ring in
                unsafe places.withUnsafeBufferPointer { places in
                    unsafe weights.withUnsafeBufferPointer { weights in
                        guard let target = wide.baseAddress, let ring = ring.baseAddress else { return }
                        if isWide {
                            return unsafe cvectors_mix_rows(
                                ring, places.baseAddress, weights.samples(from: firstWeight), Int32(places.count),
                                target, Int32(wide.count))
                        }
                        for index in stride(from: 0, to: wide.count, by: 16) {
                            var (a, b, c, d) = (half, half, half, half)
                            for tap in 0..<places.count {
                                let weight = unsafe weights[firstWeight &+ tap]
                                let source = unsafe ring + (places[tap] &+ index &* 2)
                                unsafe a &+= multiplyAdd(WideRow.load(source), weight)
                                unsafe b &+= multiplyAdd(WideRow.load(source + 8), weight)
                                unsafe c &+= multiplyAdd(WideRow.load(source + 16), weight)
                                unsafe d &+= multiplyAdd(WideRow.load(source + 24), weight)
                            }
                            unsafe WideRow.store(SIMD8(saturating: a &>> 14, b &>> 14), to: target + index)
                            unsafe WideRow.store(SIMD8(saturating: c &>> 14, d &>> 14), to: target + index + 8)
                        }
                    }
                }
            }
        }
    }

    private var half: SIMD4<Int32> { SIMD4(repeating: 1 << (AxisTable.shift - 1)) }
}
