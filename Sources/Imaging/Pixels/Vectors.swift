// The few vector forms that the loops over pixels are made of. Each is written so that it compiles to one or two
// instructions of plain x86-64 (SSE2) and of arm64 (NEON), which have no 32-bit multiplication and no float to spare.

/// Multiplies lane by lane and adds neighbours: lane 0 is `a[0] * b[0] + a[1] * b[1]`. One `pmaddwd`.
@inline(__always)
func multiplyAdd(_ a: SIMD8<Int16>, _ b: SIMD8<Int16>) -> SIMD4<Int32> {
    SIMD4<Int32>(truncatingIfNeeded: a.evenHalf) &* SIMD4<Int32>(truncatingIfNeeded: b.evenHalf)
        &+ SIMD4<Int32>(truncatingIfNeeded: a.oddHalf) &* SIMD4<Int32>(truncatingIfNeeded: b.oddHalf)
}

extension SIMD8<Int16> {
    /// The eight values, held within 16 bits. One `packssdw`.
    @inline(__always)
    init(saturating low: SIMD4<Int32>, _ high: SIMD4<Int32>) {
        let least = SIMD4<Int32>(repeating: -32768)
        let most = SIMD4<Int32>(repeating: 32767)
        self.init(
            lowHalf: SIMD4<Int16>(truncatingIfNeeded: low.clamped(lowerBound: least, upperBound: most)),
            highHalf: SIMD4<Int16>(truncatingIfNeeded: high.clamped(lowerBound: least, upperBound: most)))
    }

    /// `a[0], b[0], a[1], b[1]`, and so on.
    @inline(__always)
    init(interleaving a: SIMD4<Int16>, _ b: SIMD4<Int16>) {
        self.init(a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3])
    }
}

extension SIMD8<UInt8> {
    /// The eight values, held within 0…255. One `packuswb`.
    @inline(__always)
    init(saturating values: SIMD8<Int16>) {
        self.init(
            truncatingIfNeeded: values.clamped(
                lowerBound: SIMD8<Int16>(repeating: 0), upperBound: SIMD8<Int16>(repeating: 255)))
    }
}

extension SIMD16<UInt8> {
    @inline(__always)
    init(saturating low: SIMD8<Int16>, _ high: SIMD8<Int16>) {
        self.init(lowHalf: SIMD8<UInt8>(saturating: low), highHalf: SIMD8<UInt8>(saturating: high))
    }
}
