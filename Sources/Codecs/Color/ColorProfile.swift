/// What a picture says its numbers mean.
enum ColorProfile: Hashable, Sendable {
    /// A profile as the International Color Consortium specifies it (ICC.1:2022).
    case icc([UInt8])
    /// Primaries of light, the white that they make together, and how light follows from numbers.
    case primaries(Primaries)

    struct Primaries: Hashable, Sendable {
        /// CIE 1931 chromaticities.
        var white, red, green, blue: Chromaticity
        var curve: Curve
    }

    /// How light 0…1 follows from a number 0…1.
    enum Curve: Hashable, Sendable {
        case sRGB
        /// ITU-R BT.709's, for cameras.
        case bt709
        /// The number raised to this.
        case power(Double)
    }

    struct Chromaticity: Hashable, Sendable {
        var x, y: Double
    }
}

extension ColorProfile {
    /// More than any has that is in use, printers' of a few megabytes included.
    static let byteLimit = 4 << 20

    /// - Parameter bytes: of a profile of the International Color Consortium.
    /// - Returns: `nil` for one that is larger than ``byteLimit``.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count <= Self.byteLimit else { return nil }
        self = .icc(bytes.array)
    }
}

extension ColorProfile.Primaries {
    /// Those of sRGB (IEC 61966-2-1).
    init(_ curve: ColorProfile.Curve) {
        self.init(
            white: .init(x: 0.3127, y: 0.3290), red: .init(x: 0.64, y: 0.33), green: .init(x: 0.30, y: 0.60),
            blue: .init(x: 0.15, y: 0.06), curve: curve)
    }
}

extension ColorProfile.Curve {
    /// - Parameter exponent: as a file gives it. Writers that mean sRGB's curve put 2.2, with a digit more or less; libpng takes
    ///   such for equal as well.
    init(exponent: Double) {
        self = abs(2.2 / exponent - 1) <= 0.05 ? .sRGB : .power(exponent)
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
