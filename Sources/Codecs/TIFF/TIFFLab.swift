import CLCMS
import Imaging

/// Lab to sRGB, through Little CMS.
///
/// White is that of the illuminant D50, as in colour profiles. TIFF 6.0, section 23, would have D65 with photometric 8, but
/// Photoshop, which most such files are from, means D50 with both.
@safe final class TIFFLab {
    private let transform: cmsHTRANSFORM

    /// Lab of 8 bits a channel, and a byte that stays, as lcms2.h's macros put such a format together: Swift cannot call them.
    private static let format = cmsUInt32Number(PT_Lab << 16 | 1 << 7 | 3 << 3 | 1)

    /// - Throws: ``DecodeError/malformed(_:reason:)`` where there is no memory for it.
    init() throws(DecodeError) {
        let source = unsafe cmsCreateLab4Profile(nil), target = unsafe cmsCreate_sRGBProfile()
        defer {
            unsafe cmsCloseProfile(source)
            unsafe cmsCloseProfile(target)
        }
        // What makes it faster is a coarse grid, which bends colours near the edge of sRGB, and white is at that edge.
        guard let source = unsafe source, let target = unsafe target,
            let transform = unsafe cmsCreateTransform(
                source, Self.format, target, cmsUInt32Number(CLCMS_RGBA_8),
                cmsUInt32Number(INTENT_RELATIVE_COLORIMETRIC),
                cmsUInt32Number(cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE))
        else { throw .malformed(.tiff, reason: "no memory for Lab") }
        unsafe self.transform = unsafe transform
    }

    deinit { unsafe cmsDeleteTransform(transform) }

    /// Turns a row of Lab and alpha, four bytes a pixel, into RGBA in place.
    func convert(_ row: inout MutableSpan<UInt8>) {
        unsafe row.withUnsafeMutableBytes { row in
            unsafe cmsDoTransform(transform, row.baseAddress, row.baseAddress, cmsUInt32Number(row.count / 4))
        }
    }

    /// A sample as profiles have it (ICC.1:2022, PCSLAB of 8 bits): 2.55 L*, a* + 128, b* + 128.
    ///
    /// - Parameters:
    ///   - channel: 0 for L*.
    ///   - isCIE: a* and b* are signed, as TIFF 6.0, section 23, has them; else as the profiles do, by Adobe's technical notes.
    @inline(__always)
    static func byte(_ raw: UInt8, channel: Int, isCIE: Bool) -> UInt8 { isCIE && channel > 0 ? raw ^ 0x80 : raw }

    /// The same of 16 bits, which Adobe's technical notes add: 256ths of those of 8, but for the L* of TIFF 6.0, which takes
    /// the whole range.
    @inline(__always)
    static func byte(_ raw: UInt16, channel: Int, isCIE: Bool) -> UInt8 {
        if isCIE && channel == 0 { return UInt8(nearest: raw) }
        return UInt8(min(255, (Int(isCIE ? raw ^ 0x8000 : raw) + 128) >> 8))
    }
}
