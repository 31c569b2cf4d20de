package import Imaging

/// Why bytes could not be decoded. Final: the same bytes will never decode.
package enum DecodeError: Error, Hashable, Sendable {
    /// No format that we read starts with such bytes.
    case unknownFormat
    /// The bytes end before the picture does.
    case truncated
    /// Width times height is over the limit, in pixels.
    case tooManyPixels(size: Size, limit: Int)
    /// The format is right, but not a kind of it that we read: a JPEG of 12 bits.
    case unsupported(ImageFormat, reason: String)
    /// The library refused the bytes; `reason` is its own message.
    case malformed(ImageFormat, reason: String)
}

/// Why a picture could not be written.
package enum EncodeError: Error, Hashable, Sendable {
    /// A side is longer than the format can say, in pixels.
    case tooLarge(ImageFormat, size: Size, limit: Int)
    /// The library gave up; `reason` is its own message.
    case failed(ImageFormat, reason: String)
}
