/// How one pixel lies in a row: 8 bits a channel, interleaved, sRGB encoding.
package enum PixelFormat: Sendable, Hashable {
    /// One byte: luma.
    case gray8
    /// Four bytes: red, green, blue and straight (not premultiplied) alpha.
    case rgba8

    package var bytesPerPixel: Int {
        switch self {
        case .gray8: 1
        case .rgba8: 4
        }
    }
}
