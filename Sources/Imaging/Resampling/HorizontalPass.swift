/// Mixes along rows, two rows at a time so that each weight is loaded once for both.
struct HorizontalPass: Sendable {
    private let table: AxisTable
    private let format: PixelFormat
    /// For RGBA each pair of weights four times over, once for each channel; for gray the table's weights with the taps of
    /// each output filled up to a multiple of eight.
    private let weights: [SIMD8<Int16>]
    /// Output `i` has the vectors `offsets[i]..<offsets[i + 1]`.
    private let offsets: [Int]

    init(_ table: AxisTable, format: PixelFormat) {
        self.table = table
        self.format = format
        var weights: [SIMD8<Int16>] = []
        var offsets = [0]
        for output in 0..<table.count {
            let taps = table.weights[table.offsets[output]..<table.offsets[output + 1]]
            let step = format == .rgba8 ? 2 : 8
            for start in stride(from: taps.startIndex, to: taps.endIndex, by: step) {
                var vector = SIMD8<Int16>()
                for lane in 0..<8 {
                    let tap = start + (format == .rgba8 ? lane & 1 : lane)
                    if tap < taps.endIndex { vector[lane] = taps[tap] }
                }
                weights.append(vector)
            }
            offsets.append(weights.count)
        }
        self.weights = weights
        self.offsets = offsets
    }

    /// Samples that a row of input must have, counting those beyond its end that are only multiplied by 0.
    var inputSampleCount: Int { WideRow.paddedCount(table.inputCount * format.bytesPerPixel) }
    /// Samples of one row of the result.
    var outputSampleCount: Int { table.count * format.bytesPerPixel }

    /// - Parameters:
    ///   - first: a wide row, as ``WideRow/widen(_:_:into:)`` makes it.
    ///   - second: the row below.
    ///   - result: takes both rows, from `place` on, sample by sample: the first's, the second's, the first's next one.
    func apply(to first: [Int16], _ second: [Int16], into result: inout [Int16], at place: Int) {
        precondition(first.count >= inputSampleCount && second.count >= inputSampleCount)
        precondition(place >= 0 && place + 2 * outputSampleCount <= result.count)
        unsafe first.withUnsafeBufferPointer { first in
            unsafe second.withUnsafeBufferPointer { second in
                unsafe result.withUnsafeMutableBufferPointer { result in
                    guard let first = first.baseAddress, let second = second.baseAddress,
                        let result = result.baseAddress
                    else { return }
                    switch format {
                    case .rgba8: unsafe mixPixels(first, second, into: result + place)
                    case .gray8: unsafe mixSamples(first, second, into: result + place)
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
                unsafe table.starts.withUnsafeBufferPointer { starts in
                    for output in 0..<starts.count {
                        var a = half
                        var b = half
                        var place = unsafe starts[output] &* 4
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
        let half: Int32 = 1 << (AxisTable.shift - 1)
        unsafe weights.withUnsafeBufferPointer { weights in
            for output in 0..<table.count {
                var a = SIMD4<Int32>()
                var b = SIMD4<Int32>()
                var place = table.starts[output]
                for index in offsets[output]..<offsets[output &+ 1] {
                    let weight = unsafe weights[index]
                    unsafe a &+= multiplyAdd(WideRow.load(first + place), weight)
                    unsafe b &+= multiplyAdd(WideRow.load(second + place), weight)
                    place &+= 8
                }
                unsafe result[output &* 2] = Int16(truncatingIfNeeded: (a.wrappedSum() &+ half) &>> 14)
                unsafe result[output &* 2 &+ 1] = Int16(truncatingIfNeeded: (b.wrappedSum() &+ half) &>> 14)
            }
        }
    }
}
