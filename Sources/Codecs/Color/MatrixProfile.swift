import CLCMS

/// What a profile of RGB whose light adds up, as that of screens does, says of its way to sRGB.
struct MatrixProfile {
    /// The light of sRGB's three channels that is in full red, green and blue.
    let lights: [SIMD3<Double>]
    /// The light of each level of red, green and blue.
    let levels: [[Double]]
    /// sRGB's number, 0…1, of each step of light from 0 to 1.
    let numbers: [Float]

    /// - Parameters:
    ///   - lastLevel: of the profile's numbers: 255 or 65535.
    ///   - lastLight: the steps of light from none to all.
    /// - Returns: `nil` for a profile of another kind, or one whose numbers are beyond any colour.
    init?(_ profile: cmsHPROFILE, lastLevel: Int, lastLight: Int) {
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
        guard let toLight = Self.inverse(channels.compactMap { unsafe Self.color($0.0, in: target) }),
            let numbers = unsafe Self.numbers(target, last: lastLight)
        else { return nil }
        var lights: [SIMD3<Double>] = []
        var levels: [[Double]] = []
        for (colorant, curve) in channels {
            guard let color = unsafe Self.color(colorant, in: profile),
                let light = unsafe Self.levels(curve, in: profile, last: lastLevel)
            else { return nil }
            lights.append(toLight[0] * color.x + toLight[1] * color.y + toLight[2] * color.z)
            levels.append(light)
        }
        guard lights.allSatisfy({ light in (0..<3).allSatisfy { abs(light[$0]) <= 16 } }) else { return nil }
        (self.lights, self.levels, self.numbers) = (lights, levels, numbers)
    }

    /// The place of a channel's colour in CIE XYZ, for the white of D50.
    private static func color(_ tag: cmsTagSignature, in profile: cmsHPROFILE) -> SIMD3<Double>? {
        guard let color = unsafe cmsReadTag(profile, tag)?.assumingMemoryBound(to: cmsCIEXYZ.self).pointee else {
            return nil
        }
        let place = SIMD3(color.X, color.Y, color.Z)
        return (0..<3).allSatisfy { place[$0].isFinite } ? place : nil
    }

    /// The light of each level of a channel.
    private static func levels(_ tag: cmsTagSignature, in profile: cmsHPROFILE, last: Int) -> [Double]? {
        guard let curve = unsafe OpaquePointer(cmsReadTag(profile, tag)) else { return nil }
        let levels = (0...last).map { unsafe Double(cmsEvalToneCurveFloat(curve, Float($0) / Float(last))) }
        return levels.allSatisfy { abs($0) <= 16 } ? levels : nil
    }

    /// The numbers of light 0…1 that a profile has for its red channel.
    private static func numbers(_ profile: cmsHPROFILE, last: Int) -> [Float]? {
        guard let curve = unsafe OpaquePointer(cmsReadTag(profile, cmsSigRedTRCTag)),
            let inverse = unsafe cmsReverseToneCurve(curve)
        else { return nil }
        defer { unsafe cmsFreeToneCurve(inverse) }
        return (0...last).map { unsafe cmsEvalToneCurveFloat(inverse, Float($0) / Float(last)) }
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
