/// How one pixel lies in a row: channels interleaved, sRGB encoding, samples of 16 bits in the machine's byte order.
package enum PixelFormat: Sendable, Hashable {
    /// One byte: luma.
    case gray8
    /// Four bytes: red, green, blue and straight (not premultiplied) alpha.
    case rgba8
    /// The same with 16 bits a sample. Rows of these are called deep.
    case gray16, rgba16

    package enum Channels: Sendable, Hashable { case gray, rgba }

    package init(_ channels: Channels, isDeep: Bool) {
        self =
            switch channels {
            case .gray: isDeep ? .gray16 : .gray8
            case .rgba: isDeep ? .rgba16 : .rgba8
            }
    }

    package var channels: Channels {
        switch self {
        case .gray8, .gray16: .gray
        case .rgba8, .rgba16: .rgba
        }
    }

    /// Whether a sample has 16 bits instead of 8.
    package var isDeep: Bool { self == .gray16 || self == .rgba16 }

    package var bytesPerPixel: Int {
        switch self {
        case .gray8: 1
        case .gray16: 2
        case .rgba8: 4
        case .rgba16: 8
        }
    }
}
