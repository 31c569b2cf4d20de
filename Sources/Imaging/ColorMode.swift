/// What the samples of a pixel are, in a file.
package enum ColorMode: String, Sendable, Hashable, Codable {
    case gray
    case grayAlpha = "gray + alpha"
    case palette
    case rgb = "RGB"
    case rgba = "RGBA"
    case cmyk = "CMYK"
    /// Luma and chroma that the file does not call RGB, as scanners write them.
    case yCbCr = "YCbCr"
    case lab = "Lab"
}
