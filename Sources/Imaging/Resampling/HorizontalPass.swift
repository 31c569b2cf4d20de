import CVectors

/// Mixes along rows, two rows at a time so that each weight is loaded once for both.
struct HorizontalPass: Sendable {
    private let table: AxisTable
    private let format: PixelFormat
    private let weights: [SIMD8<Int16>]
    /// Output `i` has the vectors `offsets[i]..<offsets[i + 1]`, for the samples from `places[i]` on.
    private let offsets: [Int]
    private let places: [Int]
    private let isWide: Bool

    /// - Parameters:
    ///   - format: not a deep one.
    ///   - isWide: whether the processor's wider vectors are used.
    init(_ table: AxisTable, format: PixelFormat, isWide: Bool = hasWideVectors) {
        self.table = table
        self.format = format
        self.isWide = isWide
        (weights, offsets, places) =
            switch format.channels {
            case .rgba: Self.pixelWeights(table)
            case .gray: Self.sampleWeights(table)
            }
    }

    /// Each pair of weights four times over, once for each channel.
    private static func pixelWeights(_ table: AxisTable) -> ([SIMD8<Int16>], [Int], [Int]) {
        let weights = stride(from: 0, to: table.weights.count, by: 2).map { index in
            let (a, b) = (table.weights[index], table.weights[index + 1])
            return SIMD8(a, b, a, b, a, b, a, b)
        }
        return (weights, table.offsets.map { $0 / 2 }, table.starts.map { $0 * 4 })
    }

    /// As many vectors for each output as the longest one needs, so that the loop over them can be unrolled. Where they would
    /// reach too far beyond the row's end, they begin earlier.
    private static func sampleWeights(_ table: AxisTable) -> ([SIMD8<Int16>], [Int], [Int]) {
        let most = (0..<table.count).map { table.offsets[$0 + 1] - table.offsets[$0] }.max() ?? 0
        let vectorCount = (most + 7) / 8
        let lastPlace = WideRow.paddedCount(table.inputCount) - vectorCount * 8
        var weights = [SIMD8<Int16>](repeating: SIMD8(), count: table.count * vectorCount)
        var places: [Int] = []
        places.reserveCapacity(table.count)
        for output in 0..<table.count {
            let place = min(table.starts[output], lastPlace)
            var lane = table.starts[output] - place
            for tap in table.offsets[output]..<table.offsets[output + 1] {
                weights[output * vectorCount + lane / 8][lane & 7] = table.weights[tap]
                lane += 1
            }
            places.append(place)
        }
        return (weights, (0...table.count).map { $0 * vectorCount }, places)
    }

    /// Samples that a row of input must have, counting those beyond its end that are only multiplied by 0.
    var inputSampleCount: Int { WideRow.paddedCount(table.inputCount * format.bytesPerPixel) }
    /// Samples of one row of the result.
    var outputSampleCount: Int { table.count * format.bytesPerPixel }

    /// - Parameters:
    ///   - first: a wide row, as ``WideRow/widen(_:_:into:)`` makes it.
    ///   - second: the row below.
    ///   - result: takes both rows, from `place` on, sample by sample: the first's, the second's, the first's next one;
    ///     and, for an odd number of gray samples, two that mean nothing.
    func apply(to first: [Int16], _ second: [Int16], into result: inout [Int16], at place: Int) {
        precondition(first.count >= inputSampleCount && second.count >= inputSampleCount)
        precondition(place >= 0 && place + 2 * outputSampleCount + 2 <= result.count)
        unsafe first.withUnsafeBufferPointer { first in
            unsafe second.withUnsafeBufferPointer { second in
                unsafe result.withUnsafeMutableBufferPointer { result in
                    guard let first = first.baseAddress, let second = second.baseAddress,
                        let result = result.baseAddress
                    else { return }
                    switch format.channels {
                    case .rgba: unsafe mixPixels(first, second, into: result + place)
                    case .gray: unsafe mixSamples(first, second, into: result + place)
                    }
                }
            }
        }
    }

    private func mixPixels(
        _ first: UnsafePointer<Int16>, _ second: UnsafePointer<Int16>, into result: UnsafeMutablePointer<Int16>
    ) {
        let half = SIMD4<Int32>(repeating: 1 << (AxisTable.shift - 1))
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe offsets.withUnsafeBufferPointer { offsets in
                unsafe places.withUnsafeBufferPointer { places in
                    if isWide {
                        return unsafe cvectors_mix_pixels(
                            first, second, offsets.baseAddress, places.baseAddress, weights.samples(from: 0),
                            Int32(places.count), result)
                    }
                    for output in 0..<places.count {
                        var a = half
                        var b = half
                        var place = unsafe places[output]
                        for index in unsafe offsets[output]..<offsets[output &+ 1] {
                            let weight = unsafe weights[index]
                            unsafe a &+= multiplyAdd(WideRow.load(first + place), weight)
                            unsafe b &+= multiplyAdd(WideRow.load(second + place), weight)
                            place &+= 8
                        }
                        (a, b) = (a &>> 14, b &>> 14)
                        unsafe WideRow.store(
                            SIMD8(zippingLow: SIMD8(saturating: a, a), SIMD8(saturating: b, b)),
                            to: result + output &* 8)
                    }
                }
            }
        }
    }

    private func mixSamples(
        _ first: UnsafePointer<Int16>, _ second: UnsafePointer<Int16>, into result: UnsafeMutablePointer<Int16>
    ) {
        unsafe places.withUnsafeBufferPointer { places in
            unsafe weights.withUnsafeBufferPointer { weights in
                guard let weight = weights.baseAddress else { return }
                if isWide {
                    return unsafe cvectors_mix_samples(
                        first, second, places.baseAddress, weights.samples(from: 0),
                        Int32(weights.count / places.count), Int32(places.count), result)
                }
                switch weights.count / places.count {
                case 1: unsafe Self.mixSamples(first, second, places, weight, 1, into: result)
                case 2: unsafe Self.mixSamples(first, second, places, weight, 2, into: result)
                case 3: unsafe Self.mixSamples(first, second, places, weight, 3, into: result)
                case let count: unsafe Self.mixSamples(first, second, places, weight, count, into: result)
                }
            }
        }
    }

    /// Two outputs of both rows at a time: their four sums then take one addition of lanes.
    @inline(__always)
    private static func mixSamples(
        _ first: UnsafePointer<Int16>, _ second: UnsafePointer<Int16>, _ places: UnsafeBufferPointer<Int>,
        _ weights: UnsafePointer<SIMD8<Int16>>, _ vectorCount: Int, into result: UnsafeMutablePointer<Int16>
    ) {
        let half = SIMD4<Int32>(repeating: 1 << (AxisTable.shift - 1))
        for output in stride(from: 0, to: places.count, by: 2) {
            // The last of an odd number is mixed twice.
            let next = output &+ 1 < places.count ? output &+ 1 : output
            var (a, b, c, d) = (SIMD4<Int32>(), SIMD4<Int32>(), SIMD4<Int32>(), SIMD4<Int32>())
            let (place, nextPlace) = unsafe (places[output], places[next])
            for index in 0..<vectorCount {
                let weight = unsafe weights[output &* vectorCount &+ index]
                let nextWeight = unsafe weights[next &* vectorCount &+ index]
                unsafe a &+= multiplyAdd(WideRow.load(first + (place &+ index &* 8)), weight)
                unsafe b &+= multiplyAdd(WideRow.load(second + (place &+ index &* 8)), weight)
                unsafe c &+= multiplyAdd(WideRow.load(first + (nextPlace &+ index &* 8)), nextWeight)
                unsafe d &+= multiplyAdd(WideRow.load(second + (nextPlace &+ index &* 8)), nextWeight)
            }
            let sums = (SIMD4(sumsOf: a, b, c, d) &+ half) &>> 14
            unsafe UnsafeMutableRawPointer(result + output &* 2).storeBytes(
                of: SIMD8<Int16>(saturating: sums, sums).lowHalf, as: SIMD4<Int16>.self)
        }
    }
}
