/// What a picture says its numbers mean.
enum ColorProfile: Hashable, Sendable {
    /// A profile as the International Color Consortium specifies it (ICC.1:2022).
    case icc([UInt8])
    /// Primaries of light, the white that they make together, and how light follows from numbers.
    case primaries(Primaries)

    /// As PNG has them.
    struct Primaries: Hashable, Sendable {
        /// CIE 1931 chromaticities.
        var white, red, green, blue: Chromaticity
        /// Light is a number 0…1 raised to this; `nil` for sRGB's curve.
        var gamma: Double?
    }

    struct Chromaticity: Hashable, Sendable {
        var x, y: Double
    }
}

extension ColorProfile {
    /// - Parameter bytes: of a profile of the International Color Consortium.
    /// - Returns: `nil` for one that is larger than any that is in use, printers' of a few megabytes included.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count <= 4 << 20 else { return nil }
        self = .icc(bytes.array)
    }
}

extension ColorProfile.Primaries {
    /// Those of sRGB (IEC 61966-2-1).
    init(gamma: Double?) {
        self.init(
            white: .init(x: 0.3127, y: 0.3290), red: .init(x: 0.64, y: 0.33), green: .init(x: 0.30, y: 0.60),
            blue: .init(x: 0.15, y: 0.06), gamma: gamma)
    }
}

/// What the samples of a picture are, whose profile must be for the same.
enum ColorKind: Hashable, Sendable {
    /// Gray, or RGBA whose pixels are all gray.
    case gray
    /// RGBA with straight alpha.
    case rgb
    /// - `isInverted`: 255 is no ink.
    case cmyk(isInverted: Bool)
}
