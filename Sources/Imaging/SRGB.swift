#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The curve of sRGB (IEC 61966-2-1).
enum SRGB {
    /// - Parameter level: 0…255.
    /// - Returns: the amount of light, 0…1.
    static func light(of level: Double) -> Double {
        let value = level / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    /// - Parameter light: what is beyond 0…1 is cut off.
    /// - Returns: 0…255, to be rounded.
    static func level(of light: Double) -> Double {
        let light = min(max(light, 0), 1)
        return 255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055)
    }
}
