#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Color {
    /// What people would call it: `black`, `dark gray`, `red`, `light blue`, `dark grayish brown`.
    ///
    /// By its place in Oklch, with borders such that nearly all colours that CSS has such words for have them here too.
    /// The nearest of CSS' own names would not do: that of a dark brown is `darkslategray`.
    package var name: String {
        let (lightness, chroma, hue) = perceived
        if chroma < 0.025 || lightness < 0.16 || lightness > 0.97 && chroma < 0.04 {
            switch lightness {
            case ..<0.22: return "black"
            case ..<0.5: return "dark gray"
            case ..<0.72: return "gray"
            case ..<0.96: return "light gray"
            default: return "white"
            }
        }
        let word = Self.hueName(lightness, chroma, hue)
        if word == "beige" { return word }
        let shade = lightness < 0.43 ? "dark " : lightness > 0.72 && chroma < 0.13 ? "light " : ""
        return shade + (chroma < 0.06 && lightness <= 0.8 ? "grayish " : "") + word
    }

    private static func hueName(_ lightness: Double, _ chroma: Double, _ hue: Double) -> String {
        let isPale = lightness > 0.88 && chroma < 0.08
        switch hue {
        case ..<15, 338...: return "pink"
        case ..<38: return lightness > 0.7 ? "pink" : "red"
        case ..<82:
            if isPale { return "beige" }
            // A dark or dull orange is brown.
            let isVivid = lightness >= 0.62 && chroma >= 0.13 || lightness >= 0.76 && chroma >= 0.1
            return isVivid ? "orange" : "brown"
        case ..<117: return isPale && chroma < 0.05 ? "beige" : lightness >= 0.68 ? "yellow" : "olive"
        case ..<165: return "green"
        case ..<222: return "turquoise"
        case ..<278: return "blue"
        case ..<318: return "purple"
        default: return lightness >= 0.6 && chroma >= 0.2 ? "magenta" : "purple"
        }
    }

    /// Lightness 0…1, chroma from 0 to about 0.32, and hue in degrees: Oklch, in which distances are as people see them
    /// (B. Ottosson, "A perceptual color space for image processing", 2020).
    private var perceived: (lightness: Double, chroma: Double, hue: Double) {
        let light = SIMD3(SRGB.light(of: Double(red)), SRGB.light(of: Double(green)), SRGB.light(of: Double(blue)))
        let long = cbrt((light * SIMD3(0.4122214708, 0.5363325363, 0.0514459929)).sum())
        let medium = cbrt((light * SIMD3(0.2119034982, 0.6806995451, 0.1073969566)).sum())
        let short = cbrt((light * SIMD3(0.0883024619, 0.2817188376, 0.6299787005)).sum())
        let lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        let redness = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        let yellowness = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
        let hue = atan2(yellowness, redness) * 180 / .pi
        let chroma = (redness * redness + yellowness * yellowness).squareRoot()
        return (lightness, chroma, hue < 0 ? hue + 360 : hue)
    }
}
