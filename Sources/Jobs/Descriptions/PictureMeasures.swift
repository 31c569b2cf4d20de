package import Imaging

/// What can be measured of a picture: facts of its file, and figures of its pixels.
///
/// The figures are those of an animation's first frame, scaled down to fit inside 512 × 512 pixels where it is larger, so
/// that they can be compared between pictures of any size. Pixels that are less than half opaque do not count.
package struct PictureMeasures: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case photo
        /// Drawings, charts, icons, screenshots, text.
        case graphics
    }

    /// As the maker wrote them.
    package struct Camera: Codable, Hashable, Sendable {
        package let make: String?
        package let model: String?

        /// - Returns: `nil` where neither is known.
        package init?(make: String?, model: String?) {
            guard make != nil || model != nil else { return nil }
            self.make = make
            self.model = model
        }
    }

    package struct DominantColor: Codable, Hashable, Sendable {
        /// The mean of the pixels that go by this name: `#87ceeb`.
        package let hex: String
        /// In plain words: `light blue`.
        package let name: String
        /// Of the pixels that count, 0…1.
        package let share: Double

        package init(_ color: Color, name: String, share: Double) {
            hex = color.description
            self.name = name
            self.share = share
        }
    }

    // MARK: - The file

    /// Upright, in pixels.
    package let width, height: Int
    package let format: ImageFormat
    package let colorMode: ColorMode
    /// Bits of a sample, or of an index into a palette; `nil` where channels differ.
    package var bitDepth: Int?
    /// In bytes.
    package let fileSize: Int
    package var camera: Camera?
    /// As ISO 8601 without a zone, by the camera's own clock: `2024-05-01T18:30:00`.
    ///
    /// Where it was taken is left out on purpose, as `EXIF` in Codecs says.
    package var dateTaken: String?
    /// More than 1 where the picture is animated.
    package var frameCount = 1

    // MARK: - The pixels

    /// At most five, the most frequent first, each at least a hundredth of the picture.
    package var dominantColors: [DominantColor] = []
    /// The mean luma of Rec. ITU-R BT.601, 0…255; `nil` where no pixel counts.
    package var brightness: Double?
    /// The standard deviation of the luma, 0…127.5: RMS contrast (E. Peli, "Contrast in complex images", 1990).
    package var contrast: Double?
    /// The variance of the luma's Laplacian, by the kernel 0 1 0 / 1 −4 1 / 0 1 0 (J. L. Pech-Pacheco et al., "Diatom
    /// autofocusing in brightfield microscopy", 2000); `nil` where the picture has no inner pixel.
    package var sharpness: Double?
    /// Graphics where at least 45 of 100 neighbours have exactly the same colour, or there are no more than 16 colours.
    ///
    /// Noise makes neighbours differ. In photos, blurred, gray and badly compressed ones too, up to 31 of 100 were the
    /// same, in icons, charts and screenshots at least 54.
    package let kind: Kind
    /// Whether any pixel, at full size, is not opaque; an alpha channel alone does not count.
    package var hasTransparency = false

    package init(size: Size, format: ImageFormat, colorMode: ColorMode, fileSize: Int, kind: Kind) {
        width = size.width
        height = size.height
        self.format = format
        self.colorMode = colorMode
        self.fileSize = fileSize
        self.kind = kind
    }

    private enum CodingKeys: String, CodingKey {
        case width, height, format, camera, brightness, contrast, sharpness, kind
        case colorMode = "color_mode"
        case bitDepth = "bit_depth"
        case fileSize = "file_size"
        case dateTaken = "date_taken"
        case frameCount = "frame_count"
        case dominantColors = "dominant_colors"
        case hasTransparency = "has_transparency"
    }
}
