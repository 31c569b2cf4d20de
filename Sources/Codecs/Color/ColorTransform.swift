import CLCMS
import Imaging
import Synchronization

/// Turns rows of another colour space into sRGB, in place: perceptual intent; alpha stays. Little CMS reads the profiles, and
/// does what neither a table nor a matrix can.
///
/// Sendable, though Little CMS's handle is a pointer: a transform without a cache is only read while it is used ("Little CMS
/// API", on cmsFLAGS_NOCACHE).
@safe final class ColorTransform: @unchecked Sendable {
    @unsafe private enum Method {
        /// What becomes of each level of gray.
        case table([UInt8])
        case deepTable([UInt16])
        case matrix(MatrixTransform)
        case deepMatrix(DeepMatrixTransform)
        /// - `fromInks`: the fourth byte of a pixel is black ink, and becomes alpha.
        case lcms(cmsHTRANSFORM, fromInks: Bool)
    }

    private let method: Method

    /// Those that were used last: to make one takes as long as to develop a thumbnail, and most pictures have one of a few
    /// profiles.
    private static let made = Mutex(RecentValues<Made, ColorTransform?>(limit: 8))

    /// Larger profiles, in bytes, are printers', and not kept.
    private static let keptByteCount = 1 << 20

    private struct Made: Hashable {
        let profile: ColorProfile
        let kind: ColorKind
        let isDeep: Bool
    }

    /// The one for a profile.
    ///
    /// - Parameter isDeep: whether it is for samples of 16 bits; inks have 8.
    /// - Returns: `nil` where the rows need not be changed: the profile comes to sRGB, is for another kind of picture, or is
    ///   broken, in which case other programs take the numbers to be sRGB's too.
    static func from(_ profile: ColorProfile?, of kind: ColorKind, isDeep: Bool = false) -> ColorTransform? {
        guard let profile else { return nil }
        let key = Made(profile: profile, kind: kind, isDeep: isDeep)
        if case .icc(let bytes) = profile, bytes.count > Self.keptByteCount { return ColorTransform(key) }
        if let found = made.withLock({ $0[key] }) { return found }
        let transform = ColorTransform(key)
        made.withLock { $0[key] = .some(transform) }
        return transform
    }

    private init?(_ key: Made) {
        guard let method = unsafe Self.method(key.profile, key.kind, isDeep: key.isDeep) else { return nil }
        unsafe self.method = unsafe method
    }

    deinit {
        if case .lcms(let transform, _) = unsafe method { unsafe cmsDeleteTransform(transform) }
    }

    /// - Parameter row: pixels of the kind and depth that the transform is for: gray, RGBA, or four bytes of inks, which
    ///   become RGBA.
    func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        switch unsafe method {
        case .table(let table):
            row.replaceColors(by: table, format.channels)
        case .deepTable(let table):
            row.withSamples(of: UInt16.self) { $0.replaceColors(by: table, format.channels) }
        case .matrix(let matrix):
            matrix.apply(to: &row)
        case .deepMatrix(let matrix):
            matrix.apply(to: &row)
        case .lcms(let transform, let fromInks):
            let count = row.count / format.bytesPerPixel
            unsafe Self.convert(&row, count: count, transform)
            guard fromInks else { return }
            for x in 0..<count { row[x * 4 + 3] = 255 }
        }
    }

    /// - Parameter palette: of RGB.
    func apply(to palette: inout [Color]) {
        var pixels: [UInt8] = palette.flatMap { [$0.red, $0.green, $0.blue, 255] }
        var row = pixels.mutableSpan
        apply(to: &row, format: .rgba8)
        for i in palette.indices {
            palette[i] = Color(red: pixels[i * 4], green: pixels[i * 4 + 1], blue: pixels[i * 4 + 2])
        }
    }

    private static func method(_ profile: ColorProfile, _ kind: ColorKind, isDeep: Bool) -> Method? {
        guard let source = unsafe open(profile, kind) else { return nil }
        defer { unsafe cmsCloseProfile(source) }
        guard unsafe !hasChains(source) else { return nil }
        switch kind {
        case .gray:
            guard unsafe cmsGetColorSpace(source) == cmsSigGrayData else { return nil }
            return isDeep
                ? unsafe grayTable(source, CLCMS_GRAY_16).map { unsafe .deepTable($0) }
                : unsafe grayTable(source, CLCMS_GRAY_8).map { unsafe .table($0) }
        case .rgb:
            guard unsafe cmsGetColorSpace(source) == cmsSigRgbData else { return nil }
            if isDeep {
                guard let matrix = unsafe DeepMatrixTransform(source) else { return unsafe deepTransform(source) }
                return unsafe changesNothing(UInt16.self) { matrix.apply(to: &$0) } ? nil : .deepMatrix(matrix)
            }
            if let matrix = unsafe MatrixTransform(source) {
                return unsafe changesNothing(UInt8.self) { matrix.apply(to: &$0) } ? nil : .matrix(matrix)
            }
            return unsafe transform(source, CLCMS_RGBA_8)
        case .cmyk(let isInverted):
            guard unsafe cmsGetColorSpace(source) == cmsSigCmykData else { return nil }
            return unsafe transform(source, isInverted ? CLCMS_CMYK_8_REVERSED : CLCMS_CMYK_8)
        }
    }

    /// Whether a profile has chains of elements as long as it likes (ICC.1:2022, multiProcessElementsType), which take minutes
    /// to read where each is the same few bytes. No profile in common use has them.
    private static func hasChains(_ profile: cmsHPROFILE) -> Bool {
        [cmsSigDToB0Tag, cmsSigDToB1Tag, cmsSigDToB2Tag, cmsSigDToB3Tag].contains { unsafe cmsIsTag(profile, $0) != 0 }
    }

    private static func open(_ profile: ColorProfile, _ kind: ColorKind) -> cmsHPROFILE? {
        switch profile {
        case .icc(let bytes):
            return unsafe bytes.withUnsafeBytes { bytes in
                unsafe cmsOpenProfileFromMem(bytes.baseAddress, cmsUInt32Number(bytes.count))
            }
        case .primaries(let primaries):
            guard let curve = unsafe primaries.curve.lcms() else { return nil }
            defer { unsafe cmsFreeToneCurve(curve) }
            var white = primaries.white.lcms
            if case .gray = kind { return unsafe cmsCreateGrayProfile(&white, curve) }
            var triple = cmsCIExyYTRIPLE(
                Red: primaries.red.lcms, Green: primaries.green.lcms, Blue: primaries.blue.lcms)
            return unsafe cmsCreateRGBProfile(&white, &triple, [curve, curve, curve])
        }
    }

    private static func transform(_ source: cmsHPROFILE, _ format: Int) -> Method? {
        guard let target = unsafe cmsCreate_sRGBProfile() else { return nil }
        defer { unsafe cmsCloseProfile(target) }
        // Without a cache of the last pixel, which costs more in photos than it saves.
        guard
            let transform = unsafe cmsCreateTransform(
                source, cmsUInt32Number(format), target, cmsUInt32Number(CLCMS_RGBA_8), intent,
                cmsUInt32Number(cmsFLAGS_NOCACHE))
        else { return nil }
        if format == CLCMS_RGBA_8, changesNothing(UInt8.self, { unsafe convert(&$0, count: $0.count / 4, transform) }) {
            unsafe cmsDeleteTransform(transform)
            return nil
        }
        return unsafe .lcms(transform, fromInks: format != CLCMS_RGBA_8)
    }

    private static func deepTransform(_ source: cmsHPROFILE) -> Method? {
        guard let target = unsafe cmsCreate_sRGBProfile() else { return nil }
        defer { unsafe cmsCloseProfile(target) }
        let format = cmsUInt32Number(CLCMS_RGBA_16)
        // What makes it faster is a coarse grid, which is less than 16 bits are for.
        guard
            let transform = unsafe cmsCreateTransform(
                source, format, target, format, intent, cmsUInt32Number(cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE))
        else { return nil }
        if changesNothing(UInt16.self, { unsafe convert(&$0, count: $0.count / 8, transform) }) {
            unsafe cmsDeleteTransform(transform)
            return nil
        }
        return unsafe .lcms(transform, fromInks: false)
    }

    private static let intent = cmsUInt32Number(INTENT_PERCEPTUAL)

    /// Whether a transform moves no colour of a coarse grid by more than a step: the profile is sRGB, however it says so.
    private static func changesNothing<S: Sample>(_: S.Type, _ transform: (inout MutableSpan<UInt8>) -> Void) -> Bool {
        let levels: [S] = [0, 16, 51, 102, 153, 204, 255].map { S(widening: $0) }
        var pixels: [S] = []
        for red in levels { for green in levels { for blue in levels { pixels += [red, green, blue, .max] } } }
        var result = pixels
        unsafe result.withUnsafeMutableBytes { bytes in
            var row = unsafe MutableSpan<UInt8>(_unsafeBytes: bytes)
            transform(&row)
        }
        return areAlike(pixels, result)
    }

    private static func convert(_ row: inout MutableSpan<UInt8>, count: Int, _ transform: cmsHTRANSFORM) {
        unsafe row.withUnsafeMutableBytes { row in
            unsafe cmsDoTransform(transform, row.baseAddress, row.baseAddress, cmsUInt32Number(count))
        }
    }

    /// Within a step of 8 bits: so far apart are profiles that all mean sRGB, in the channels that a primary lacks.
    private static func areAlike<S: Sample>(_ one: [S], _ other: [S]) -> Bool {
        let limit = Int(S.max) / 255
        return zip(one, other).allSatisfy { abs(Int($0) - Int($1)) <= limit }
    }

    private static func grayTable<S: Sample>(_ source: cmsHPROFILE, _ format: Int) -> [S]? {
        guard let curve = unsafe ColorProfile.Curve.sRGB.lcms() else { return nil }
        defer { unsafe cmsFreeToneCurve(curve) }
        guard let target = unsafe cmsCreateGrayProfile(cmsD50_xyY(), curve) else { return nil }
        defer { unsafe cmsCloseProfile(target) }
        let format = cmsUInt32Number(format)
        // What makes it faster is a coarse grid, which misses the dark end of a linear picture by 10 steps.
        guard
            let transform = unsafe cmsCreateTransform(
                source, format, target, format, intent, cmsUInt32Number(cmsFLAGS_NOOPTIMIZE))
        else { return nil }
        defer { unsafe cmsDeleteTransform(transform) }
        let levels = (0...Int(S.max)).map { S($0) }
        var table = levels
        unsafe table.withUnsafeMutableBytes { table in
            unsafe cmsDoTransform(transform, table.baseAddress, table.baseAddress, cmsUInt32Number(levels.count))
        }
        return areAlike(levels, table) ? nil : table
    }
}

extension ColorProfile.Chromaticity {
    fileprivate var lcms: cmsCIExyY { cmsCIExyY(x: x, y: y, Y: 1) }
}

extension ColorProfile.Curve {
    /// - Returns: what the caller frees.
    fileprivate func lcms() -> OpaquePointer? {
        switch self {
        // Parametric curves of type 4: IEC 61966-2-1, and ITU-R BT.709 with the digits of ITU-T H.273.
        case .sRGB: unsafe cmsBuildParametricToneCurve(nil, 4, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045])
        case .bt709:
            unsafe cmsBuildParametricToneCurve(
                nil, 4, [1 / 0.45, 1 / 1.099_296_83, 0.099_296_83 / 1.099_296_83, 1 / 4.5, 4.5 * 0.018_053_97])
        case .power(let exponent): unsafe cmsBuildGamma(nil, exponent)
        }
    }
}

/// A decoder's rows in sRGB.
final class ManagedRows: RowSource {
    private let source: any RowSource
    private let transform: ColorTransform

    var layout: RowLayout { source.layout }

    init(_ source: any RowSource, _ transform: ColorTransform) {
        self.source = source
        self.transform = transform
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &row)
        transform.apply(to: &row, format: layout.format)
    }
}

extension RowSource {
    /// In sRGB; itself where it is that already.
    func managed(by transform: ColorTransform?) -> any RowSource {
        transform.map { ManagedRows(self, $0) } ?? self
    }
}
