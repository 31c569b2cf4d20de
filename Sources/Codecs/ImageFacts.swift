package import Imaging

/// What a picture file says of itself beyond what it takes to develop it.
package struct ImageFacts: Hashable, Sendable {
    package let colorMode: ColorMode
    /// Bits of a sample, or of an index into a palette; `nil` where channels differ.
    package let bitDepth: Int?
    /// More than 1 where the picture is animated. What is cut off is not counted.
    package let frameCount: Int
    package let exif: EXIF

    init(_ colorMode: ColorMode, bitDepth: Int?, frameCount: Int = 1, exif: EXIF = EXIF()) {
        self.colorMode = colorMode
        self.bitDepth = bitDepth
        self.frameCount = frameCount
        self.exif = exif
    }
}
