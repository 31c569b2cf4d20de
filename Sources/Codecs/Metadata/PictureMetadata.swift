package import Imaging

/// What a file tells of its picture beside the pixels, as it goes from one file into another.
///
/// What is broken, or larger than ``byteLimit``, is not there.
package struct PictureMetadata: Hashable, Sendable {
    var exif: EXIFBlock?
    /// An XMP packet (ISO 16684-1): XML in UTF-8.
    var xmp: [UInt8]?
    /// What the picture's numbers mean; `nil` also where it is neither gray nor RGB.
    package private(set) var profile: EmbeddedProfile?
    /// Whether there is or was a profile.
    private var hadProfile = false

    /// The largest part, in bytes. Cameras' EXIF comes to 64 KB at most, and profiles of screens to a few hundred bytes.
    static let byteLimit = 1 << 20

    /// Nothing.
    package init() {}

    /// - Parameters:
    ///   - profile: of the International Color Consortium.
    ///   - kind: what the picture's samples are.
    init(exif: EXIFBlock?, xmp: [UInt8]?, profile: [UInt8]?, for kind: ColorKind?) {
        self.exif = exif
        self.xmp = xmp.flatMap { $0.count <= Self.byteLimit ? $0 : nil }
        hadProfile = profile != nil
        if let profile, let kind { self.profile = EmbeddedProfile(profile, for: kind) }
    }

    /// Drops a profile that is not for what the result's samples are. The picture is to be turned into sRGB then.
    package mutating func fit(toGray isGray: Bool) {
        if profile?.isGray != isGray { profile = nil }
    }

    /// Says what has become of the picture: it is upright and has this size, and is in sRGB where the profile was dropped.
    package mutating func describe(_ size: Size) {
        exif?.describe(size.width, size.height)
        if hadProfile, profile == nil { exif?.describeAsSRGB() }
        xmp = xmp.map(XMP.upright)
    }
}

/// A colour profile (ICC.1:2022) for gray or for RGB.
package struct EmbeddedProfile: Hashable, Sendable {
    let bytes: [UInt8]
    let isGray: Bool

    /// - Returns: `nil` where the profile is for something else, or its header is broken.
    init?(_ bytes: [UInt8], for kind: ColorKind) {
        switch kind {
        case .gray: isGray = true
        case .rgb: isGray = false
        case .cmyk: return nil
        }
        let span = bytes.span
        // ICC.1:2022, section 7.2: the size of all, at 16 what the numbers are, at 36 the signature; 4 more count the tags.
        guard let size = span.uint32(at: 0, .bigEndian), (132...PictureMetadata.byteLimit).contains(Int(size)),
            Int(size) <= bytes.count, span.starts(with: "acsp", at: 36),
            isGray ? span.starts(with: "GRAY", at: 16) : span.starts(with: "RGB ", at: 16)
        else { return nil }
        self.bytes = Array(bytes[..<Int(size)])
    }
}
