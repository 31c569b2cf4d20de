#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

import TestPictures

/// A colour of sRGB in CIE 1976 L*a*b*, for the white of D50.
struct CIELab {
    /// 0…100, and about −128…127.
    private let lightness, a, b: Double

    /// Linear sRGB to XYZ, adapted from D65 to D50 by Bradford; each row sums up to the white.
    private static let matrix = [
        [0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733],
    ]

    init(_ color: Scene.Pixel) {
        // IEC 61966-2-1.
        let light = (0..<3).map { channel -> Double in
            let value = Double(color[channel]) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let parts = Self.matrix.map { row -> Double in
            let part = zip(row, light).reduce(0) { $0 + $1.0 * $1.1 } / row.reduce(0, +)
            return part > 216.0 / 24_389 ? cbrt(part) : part * 841 / 108 + 4.0 / 29
        }
        lightness = 116 * parts[1] - 16
        a = 500 * (parts[0] - parts[1])
        b = 200 * (parts[1] - parts[2])
    }

    /// As TIFF 6.0, section 23, has them, and for 16 bits Adobe's technical notes: L* in the whole range, a* and b* signed.
    /// Little-endian.
    func samples(bits: Int) -> [UInt8] {
        let unit = bits == 8 ? 1.0 : 256
        return [lightness / 100 * Double(1 << bits - 1), a * unit, b * unit].flatMap { value in
            [UInt8](little: UInt32(truncatingIfNeeded: Int(value.rounded())), bits / 8)
        }
    }
}
