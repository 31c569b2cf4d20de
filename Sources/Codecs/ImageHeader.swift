package import Imaging

/// What the first bytes of a picture say, read without decoding it.
package struct ImageHeader: Hashable, Sendable {
    package var format: ImageFormat
    /// As stored, before the orientation is applied.
    package var storedSize: Size
    package var orientation = Orientation.upright
    /// Whether any pixel may be transparent.
    package var hasAlpha: Bool
    /// Whether every pixel is gray.
    package var isGray = false
    /// Whether the decoder must hold the whole picture, as progressive JPEG, Adam7 PNG and WebP make it.
    package var needsWholePicture = false
    /// What it then holds for each pixel, at most, in bytes: RGBA, or what its library holds instead or besides.
    package var heldBytesPerPixel = 4
    /// Bytes that the decoder holds, at most, where it is neither the whole picture nor a few rows: the strips or tiles of a
    /// TIFF, which are as large as the file says.
    package var heldBandByteCount = 0
    /// Whether its decoder can give 16 bits a sample, there being more than 8 in the file.
    package var isDeep = false

    package init(format: ImageFormat, storedSize: Size, hasAlpha: Bool) {
        self.format = format
        self.storedSize = storedSize
        self.hasAlpha = hasAlpha
    }

    /// Bytes of the picture that its decoder holds, at most.
    package var heldByteCount: Int { heldBandByteCount + (needsWholePicture ? storedSize.area * heldBytesPerPixel : 0) }

    /// The picture's size once it is turned upright.
    package var size: Size { orientation.exchangesSides ? storedSize.transposed : storedSize }
}
