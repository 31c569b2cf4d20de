/// Which bits of a pixel belong to which channel.
struct BMPMasks {
    let red, green, blue, alpha: Channel

    static let rgb555 = BMPMasks(red: 0x7C00, green: 0x03E0, blue: 0x001F, alpha: 0)
    static let rgb888 = BMPMasks(red: 0xFF_0000, green: 0x00_FF00, blue: 0x00_00FF, alpha: 0)

    init(red: UInt32, green: UInt32, blue: UInt32, alpha: UInt32) {
        self.red = Channel(red)
        self.green = Channel(green)
        self.blue = Channel(blue)
        self.alpha = Channel(alpha)
    }

    /// Bits of each channel; `nil` where they differ.
    var bitDepth: Int? {
        let maxima = Set([red, green, blue, alpha].map(\.maximum)).subtracting([0])
        return maxima.count == 1 ? maxima.first?.nonzeroBitCount : nil
    }

    /// The bits of one channel.
    struct Channel {
        private let shift: UInt32
        /// The largest value, 0 where the channel has no bits.
        let maximum: UInt32
        /// 8-bit values in 16.16 fixed point a step.
        private let scale: UInt64

        /// Bits with gaps count as if the gaps were theirs.
        init(_ mask: UInt32) {
            shift = mask == 0 ? 0 : UInt32(mask.trailingZeroBitCount)
            maximum = mask == 0 ? 0 : UInt32.max >> (UInt32(mask.leadingZeroBitCount) + shift)
            scale = maximum == 0 ? 0 : ((255 << 32) + UInt64(maximum) / 2) / UInt64(maximum)
        }

        /// The value of a pixel, scaled to 0…255 and rounded.
        @inline(__always)
        func value(of pixel: UInt32) -> UInt8 {
            UInt8(truncatingIfNeeded: (UInt64(pixel >> shift & maximum) * scale + 1 << 31) >> 32)
        }
    }
}
