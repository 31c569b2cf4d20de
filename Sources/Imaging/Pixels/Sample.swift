/// A channel of a pixel: `UInt8`, or `UInt16` in deep rows. The largest value is full light, or opaque.
package protocol Sample: FixedWidthInteger, UnsignedInteger, BitwiseCopyable, Sendable {
    /// The nearest to a sample of 16 bits.
    init(nearest sample: UInt16)
}

extension UInt8: Sample {
    /// v / 257, rounded.
    @inline(__always)
    package init(nearest sample: UInt16) { self.init(truncatingIfNeeded: (UInt32(sample) &* 255 &+ 32_895) &>> 16) }
}

extension UInt16: Sample {
    @inline(__always)
    package init(nearest sample: UInt16) { self = sample }
}

extension Sample {
    /// The same part of full light as a sample of 8 bits.
    @inline(__always)
    package init(widening sample: UInt8) {
        self.init(truncatingIfNeeded: UInt32(sample) &* (UInt32(Self.max) / 255))
    }

    /// The nearest to a part of full light; what is beyond 0…1 is cut off, and what is no number counts as 0.
    @inline(__always)
    package init(part: Double) { self = part > 0 ? Self((Swift.min(part, 1) * Double(Self.max)).rounded()) : 0 }
}

extension MutableSpan<UInt8> {
    /// Lends a row as its samples.
    ///
    /// - Precondition: the row begins at an address that such samples may have, as arrays and their rows do.
    @inline(__always)
    package mutating func withSamples<S: Sample>(of _: S.Type, _ body: (inout MutableSpan<S>) -> Void) {
        unsafe withUnsafeMutableBytes { bytes in
            var samples = unsafe MutableSpan<S>(_unsafeBytes: bytes)
            body(&samples)
        }
    }
}

extension MutableSpan where Element: Sample {
    /// Replaces each colour sample by what a table has for it; alpha stays.
    ///
    /// - Precondition: the table has an entry for every value of a sample.
    package mutating func replaceColors(by table: [Element], _ channels: PixelFormat.Channels) {
        switch channels {
        case .gray: for i in indices { self[i] = table[Int(self[i])] }
        case .rgba:
            for i in stride(from: 0, to: count, by: 4) {
                self[i] = table[Int(self[i])]
                self[i + 1] = table[Int(self[i + 1])]
                self[i + 2] = table[Int(self[i + 2])]
            }
        }
    }
}

// Pixels of 16 bits a sample are worked on in floating point, whose 24 bits leave eight behind a level for rounding.

extension SIMD4<Float> {
    /// The samples of a deep pixel.
    @inline(__always)
    init(samples: SIMD4<UInt16>) {
        // In the lowest bits of 2²³ a whole number is added to it.
        let sum = SIMD4<UInt32>(truncatingIfNeeded: samples) | 0x4B00_0000
        self = unsafe unsafeBitCast(sum, to: SIMD4<Float>.self) - 8_388_608
    }

    /// The nearest samples, held within 0…65535.
    @inline(__always)
    var nearestSamples: SIMD4<UInt16> {
        let held = replacing(with: 0, where: self .< 0).replacing(with: 65_535, where: self .> 65_535)
        return unsafe SIMD4<UInt16>(truncatingIfNeeded: unsafeBitCast(held + 8_388_608, to: SIMD4<UInt32>.self))
    }
}

extension UInt16 {
    /// The nearest to a level, held within 0…65535.
    @inline(__always)
    package init(nearest level: Float) { self.init(Swift.min(Swift.max(level, 0), 65_535) + 0.5) }
}
