/// What the header of a bitmap says of its colours, from version 4 on (Windows GDI, BITMAPV4HEADER and BITMAPV5HEADER).
enum BMPProfile {
    /// To sRGB, where the numbers mean anything else.
    static func transform(in bytes: Span<UInt8>) -> ColorTransform? {
        ColorTransform.from(profile(in: bytes), of: .rgb)
    }

    private static func profile(in bytes: Span<UInt8>) -> ColorProfile? {
        guard let headerSize = bytes.uint32(at: 14, .littleEndian), headerSize >= 108,
            let space = bytes.uint32(at: 70, .littleEndian)
        else { return nil }
        switch space {
        case 0: return calibrated(in: bytes).map { .primaries($0) }
        // "MBED"; the others are sRGB, Windows' own, which is the same, and the name of a file.
        case 0x4D42_4544 where headerSize >= 124: return embedded(in: bytes)
        default: return nil
        }
    }

    /// Its place counts from the header's.
    private static func embedded(in bytes: Span<UInt8>) -> ColorProfile? {
        guard let place = bytes.uint32(at: 126, .littleEndian), let count = bytes.uint32(at: 130, .littleEndian) else {
            return nil
        }
        let start = 14 + Int(place), end = start + Int(count)
        return end <= bytes.count ? ColorProfile(bytes.extracting(start..<end)) : nil
    }

    /// The header has no white: it is that of sRGB.
    ///
    /// - Returns: `nil` where the fields are empty, as many writers leave them, or the channels' curves differ.
    private static func calibrated(in bytes: Span<UInt8>) -> ColorProfile.Primaries? {
        let places = (0..<3).compactMap { chromaticity(in: bytes, at: 74 + $0 * 12) }
        let gammas = (0..<3).compactMap { bytes.uint32(at: 110 + $0 * 4, .littleEndian) }
        guard places.count == 3, Set(gammas).count == 1, let gamma = gammas.first,
            case let exponent = Double(gamma) / 65_536, (1...4).contains(exponent)
        else { return nil }
        var primaries = ColorProfile.Primaries(ColorProfile.Curve(exponent: exponent))
        (primaries.red, primaries.green, primaries.blue) = (places[0], places[1], places[2])
        return primaries
    }

    /// X, Y and Z, with 30 bits behind the point. Some writers put the chromaticities themselves there, which comes to the same.
    private static func chromaticity(in bytes: Span<UInt8>, at offset: Int) -> ColorProfile.Chromaticity? {
        let values = (0..<3).compactMap { bytes.uint32(at: offset + $0 * 4, .littleEndian).map(Double.init) }
        let sum = values.reduce(0, +)
        guard values.count == 3, sum > 0, values[1] > 0 else { return nil }
        return .init(x: values[0] / sum, y: values[1] / sum)
    }
}
