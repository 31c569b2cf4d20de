/// How a result is written.
package struct OutputOptions: Hashable, Sendable {
    /// How hard an encoder works for a smaller file.
    package enum Effort: String, Sendable, Hashable {
        case balanced
        /// The smallest file that the format's lossless settings give.
        case strongest
    }

    /// `nil` keeps the source's.
    package var format: ImageFormat?
    /// 1…100, for JPEG and lossy WebP; `nil` is ``defaultQuality``.
    package var quality: Int?
    /// Shows through transparent pixels in formats without alpha.
    package var background = Color.white
    package var effort = Effort.balanced
    /// Frames of an animation to show in a second, at most; `nil` keeps them all.
    package var framesPerSecond: Double?
    /// Whether an animation becomes a still picture, as it does in formats without frames anyway.
    package var takesFirstFrame = false
    /// Which picture of the source is taken, counted from 1.
    package var page = 1
    /// Whether a format of few colours mixes dots of those where it lacks one.
    package var dithers = true
    /// Whether EXIF, XMP and the colour profile go into the result, where its format holds them.
    package var keepsMetadata = false
    /// Whether the result may never be larger than the source: what `compress` promises.
    package var isCompression = false

    package static let defaultQuality = 80

    package init(format: ImageFormat? = nil, quality: Int? = nil) {
        self.format = format
        self.quality = quality
    }
}

extension OutputOptions {
    /// The members of a plan's `output`.
    package static let parameters: [Parameter] = [
        Parameter("format", .choice(formatNames), "The file format of the result; the source's where left out."),
        Parameter("quality", .integer(1...100), "For JPEG and WebP; 80 where left out."),
        Parameter("background", .color, "Fills what is transparent where the format has no transparency; white."),
        Parameter(
            "fps", .number(0.1...100), "Frames a second that an animated result has at most; all where left out."),
        Parameter("first_frame", .boolean, "Makes a still picture of an animation; false."),
        Parameter(
            "dither", .boolean,
            "Whether a GIF mixes dots of its colours where it lacks one; true, and never with `compress`."),
        Parameter("page", .integer(1...65_535), "Which page of a TIFF is taken; 1."),
        Parameter(
            "metadata", .choice(["strip", "keep"]),
            "Whether EXIF, XMP and the colour profile go into the result; `strip` where left out."),
    ]

    /// Every spelling of a format's name.
    package static let formatNames = ImageFormat.allCases.map(\.rawValue) + ["jpg", "tif"]
}
