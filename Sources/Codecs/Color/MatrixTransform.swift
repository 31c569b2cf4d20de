import CLCMS

/// From RGB whose light adds up, as that of screens does, to sRGB: a curve for each channel, a matrix, and sRGB's curve.
///
/// Little CMS does the same through functions that it calls for each pixel: 12 megapixels take it 150 ms, and this 30.
struct MatrixTransform {
    /// What each level of red, green and blue adds to sRGB's light, alpha being 0; 1 is `unit`.
    private let red, green, blue: [SIMD4<Int32>]
    /// sRGB's number of light 0…1 in 1 << `lightBits` steps.
    private let numbers: [UInt8]

    private static let unitBits: Int32 = 20
    /// A step of light is a fifth of one of sRGB's numbers where these are closest.
    private static let lightBits: Int32 = 14

    /// - Returns: `nil` for a profile of another kind, or one whose numbers are beyond any colour.
    init?(_ profile: cmsHPROFILE) {
        // A table for the perceptual intent goes before the matrix (ICC.1:2022, section 8.10).
        guard unsafe cmsIsMatrixShaper(profile) != 0, unsafe cmsIsTag(profile, cmsSigAToB0Tag) == 0,
            [cmsSigDisplayClass, cmsSigInputClass, cmsSigColorSpaceClass].contains(unsafe cmsGetDeviceClass(profile)),
            let target = unsafe cmsCreate_sRGBProfile()
        else { return nil }
        defer { unsafe cmsCloseProfile(target) }
        let channels = [
            (cmsSigRedColorantTag, cmsSigRedTRCTag), (cmsSigGreenColorantTag, cmsSigGreenTRCTag),
            (cmsSigBlueColorantTag, cmsSigBlueTRCTag),
        ]
        guard let toLight = Self.inverse(channels.compactMap { unsafe Self.color($0.0, in: target) }) else {
            return nil
        }
        var tables: [[SIMD4<Int32>]] = []
        for (colorant, curve) in channels {
            guard let color = unsafe Self.color(colorant, in: profile),
                let levels = unsafe Self.levels(curve, in: profile)
            else { return nil }
            // The light of sRGB's three channels that is in this colour.
            let light = toLight[0] * color.x + toLight[1] * color.y + toLight[2] * color.z
            guard (0..<3).allSatisfy({ abs(light[$0]) <= 16 }) else { return nil }
            tables.append(
                levels.map { level in
                    let scaled = (light * level * Double(1 << Self.unitBits)).rounded(.toNearestOrAwayFromZero)
                    return SIMD4<Int32>(Int32(scaled.x), Int32(scaled.y), Int32(scaled.z), 0)
                })
        }
        (red, green, blue) = (tables[0], tables[1], tables[2])
        numbers = unsafe Self.numbers(target)
        guard numbers.count > 1 << Self.lightBits else { return nil }
    }

    /// - Parameter row: RGBA; alpha stays.
    func apply(to row: inout MutableSpan<UInt8>) {
        let shift = SIMD4<Int32>(repeating: Self.unitBits - Self.lightBits)
        let half = SIMD4<Int32>(repeating: 1 << (Self.unitBits - Self.lightBits - 1))
        let most = SIMD4<Int32>(repeating: 1 << Self.lightBits)
        unsafe row.withUnsafeMutableBufferPointer { row in
            unsafe red.withUnsafeBufferPointer { red in
                unsafe green.withUnsafeBufferPointer { green in
                    unsafe blue.withUnsafeBufferPointer { blue in
                        unsafe numbers.withUnsafeBufferPointer { numbers in
                            for i in stride(from: 0, to: row.count, by: 4) {
                                let sum = unsafe red[Int(row[i])] &+ green[Int(row[i + 1])] &+ blue[Int(row[i + 2])]
                                let light = ((sum &+ half) &>> shift).clamped(lowerBound: .zero, upperBound: most)
                                unsafe row[i] = numbers[Int(light.x)]
                                unsafe row[i + 1] = numbers[Int(light.y)]
                                unsafe row[i + 2] = numbers[Int(light.z)]
                            }
                        }
                    }
                }
            }
        }
    }

    // MARK: - Reading profiles

    /// The place of a channel's colour in CIE XYZ, for the white of D50.
    private static func color(_ tag: cmsTagSignature, in profile: cmsHPROFILE) -> SIMD3<Double>? {
        guard let color = unsafe cmsReadTag(profile, tag)?.assumingMemoryBound(to: cmsCIEXYZ.self).pointee else {
            return nil
        }
        let place = SIMD3(color.X, color.Y, color.Z)
        return (0..<3).allSatisfy { place[$0].isFinite } ? place : nil
    }

    /// The light of each level of a channel.
    private static func levels(_ tag: cmsTagSignature, in profile: cmsHPROFILE) -> [Double]? {
        guard let curve = unsafe OpaquePointer(cmsReadTag(profile, tag)) else { return nil }
        let levels = (0...255).map { unsafe Double(cmsEvalToneCurveFloat(curve, Float($0) / 255)) }
        return levels.allSatisfy { abs($0) <= 16 } ? levels : nil
    }

    /// The numbers of light 0…1 that a profile has for its red channel.
    private static func numbers(_ profile: cmsHPROFILE) -> [UInt8] {
        guard let curve = unsafe OpaquePointer(cmsReadTag(profile, cmsSigRedTRCTag)),
            let inverse = unsafe cmsReverseToneCurve(curve)
        else { return [] }
        defer { unsafe cmsFreeToneCurve(inverse) }
        let last = 1 << lightBits
        return (0...last).map { step in
            let number = unsafe cmsEvalToneCurveFloat(inverse, Float(step) / Float(last))
            return UInt8(min(max((number * 255).rounded(), 0), 255))
        }
    }

    /// The columns of the matrix that undoes the one with these columns.
    private static func inverse(_ columns: [SIMD3<Double>]) -> [SIMD3<Double>]? {
        guard columns.count == 3 else { return nil }
        let rows = [
            cross(columns[1], columns[2]), cross(columns[2], columns[0]), cross(columns[0], columns[1]),
        ]
        let determinant = (columns[0] * rows[0]).sum()
        guard determinant != 0 else { return nil }
        return (0..<3).map { SIMD3(rows[0][$0], rows[1][$0], rows[2][$0]) / determinant }
    }

    private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
}
