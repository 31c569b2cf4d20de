import CVectors

// Swift's names for what the loops over pixels are made of; each is one instruction.

/// Multiplies lane by lane and adds neighbours: lane 0 is `a[0] * b[0] + a[1] * b[1]`.
@inline(__always)
func multiplyAdd(_ a: SIMD8<Int16>, _ b: SIMD8<Int16>) -> SIMD4<Int32> { cvectors_multiply_add(a, b) }

extension SIMD4<Int32> {
    /// The four sums of the lanes of each.
    @inline(__always)
    init(sumsOf a: SIMD4<Int32>, _ b: SIMD4<Int32>, _ c: SIMD4<Int32>, _ d: SIMD4<Int32>) {
        self = cvectors_sums(a, b, c, d)
    }
}

extension SIMD8<Int16> {
    /// The eight values, held within 16 bits.
    @inline(__always)
    init(saturating low: SIMD4<Int32>, _ high: SIMD4<Int32>) { self = cvectors_saturate_shorts(low, high) }

    /// `a[0], b[0], a[1], b[1]`, and so on, from the first halves.
    @inline(__always)
    init(zippingLow a: SIMD8<Int16>, _ b: SIMD8<Int16>) { self = cvectors_zip_low(a, b) }

    /// The same from the second halves.
    @inline(__always)
    init(zippingHigh a: SIMD8<Int16>, _ b: SIMD8<Int16>) { self = cvectors_zip_high(a, b) }
}

extension SIMD16<UInt8> {
    /// The sixteen values, held within 0…255.
    @inline(__always)
    init(saturating low: SIMD8<Int16>, _ high: SIMD8<Int16>) { self = cvectors_saturate_bytes(low, high) }

    @inline(__always)
    var widenedLow: SIMD8<Int16> { cvectors_widen_low(self) }

    @inline(__always)
    var widenedHigh: SIMD8<Int16> { cvectors_widen_high(self) }
}

/// Whether the processor has vectors of twice the width, for which the loops of resampling are written once more, in C: the
/// compiler does not make them of Swift's, as a program for all processors may not use them.
let hasWideVectors = cvectors_is_wide() != 0

extension UnsafeBufferPointer<SIMD8<Int16>> {
    /// The lanes of the vectors from `index` on.
    func samples(from index: Int) -> UnsafePointer<Int16>? {
        unsafe baseAddress.map { unsafe UnsafeRawPointer($0 + index).assumingMemoryBound(to: Int16.self) }
    }
}
