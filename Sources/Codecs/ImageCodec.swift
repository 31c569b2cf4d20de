package import Imaging

/// One format as a source and a sink of rows.
///
/// A new format is one folder with a type of this kind, and one line in ``Codecs/all``.
package protocol ImageCodec: Sendable {
    static var format: ImageFormat { get }

    /// Whether a file that starts so is of this format.
    ///
    /// - Parameter head: the first bytes, at most ``Codecs/headByteCount`` of them.
    static func matches(_ head: Span<UInt8>) -> Bool

    /// Counts the pictures that the file holds beside one another, not those of an animation.
    ///
    /// - Parameter limit: where counting may end.
    static func pageCount(of image: EncodedImage, upTo limit: Int) -> Int

    /// Reads the header.
    ///
    /// - Throws: ``DecodeError``.
    static func header(of image: EncodedImage) throws -> ImageHeader

    /// Reads what else there is to say of the file, without decoding it.
    ///
    /// - Throws: ``DecodeError``.
    static func facts(of image: EncodedImage) throws -> ImageFacts

    /// Reads what the file tells of its picture beside the pixels.
    ///
    /// - Throws: ``DecodeError``.
    static func metadata(of image: EncodedImage) throws -> PictureMetadata

    /// Copies a file without what it tells beside its picture, of which only the profile stays. The picture is the same, bit
    /// by bit.
    ///
    /// - Returns: `nil` where the two cannot be told apart.
    static func withoutMetadata(_ image: EncodedImage) -> [UInt8]?

    /// Prepares to decode; rows come as stored, before the orientation is applied.
    ///
    /// - Throws: ``DecodeError``, here or from `readRow`, or what `request.checkpoint` threw.
    static func decoder(for image: EncodedImage, _ request: DecodeRequest) throws -> any RowSource

    /// Prepares to encode rows of a layout.
    ///
    /// Rows are deep only where ``ImageFormat/holdsDeepSamples`` says so. Where the format has no alpha, rows that are not
    /// opaque are laid over `request.output.background`; where it holds no metadata, that is left out.
    ///
    /// - Throws: ``EncodeError``, or the error of the byte sink or `request.checkpoint`, here or from the sink's methods.
    static func encoder(for layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink) throws -> any RowSink
}

extension ImageCodec {
    package static func pageCount(of image: EncodedImage, upTo limit: Int) -> Int { 1 }

    package static func metadata(of image: EncodedImage) throws -> PictureMetadata { PictureMetadata() }
}

/// A format that keeps luma and chroma apart. From one such to another a picture need not be converted to RGB and back.
package protocol PlanarCodec: ImageCodec {
    /// Prepares to decode planes, as ``decoder(for:_:)`` does rows; `nil` for a picture that is not made of them, or so
    /// large that they should not be read apart.
    static func planes(of image: EncodedImage, _ request: DecodeRequest) throws -> Planes?

    /// How its files keep chroma.
    static func chroma(for output: OutputOptions) -> ChromaSampling

    /// Reads planes to their end and encodes them.
    ///
    /// - Parameters:
    ///   - planes: with chroma as ``chroma(for:)`` says.
    ///   - rowDone: called after each row of the picture.
    /// - Throws: ``EncodeError``, or what the planes, `bytes` or `rowDone` threw.
    static func encode(
        _ planes: Planes, _ request: EncodeRequest, into bytes: any ByteSink, rowDone: () throws -> Void) throws
}

/// What a pipeline can do with less than the whole picture.
package struct DecodeRequest {
    /// Scale down while loading as far as the result stays at least this large, in stored orientation; `nil` for the full
    /// size. A decoder that cannot scale ignores it.
    package var leastSize: Size?
    /// Luma alone will do: the plan makes the picture gray first.
    package var onlyLuma = false
    /// The part of the picture, 0…1, by which planes that are read apart may get ahead of one another.
    package var lead = 1.0
    /// Whether numbers stay what the file's profile says they are, where it has ``PictureMetadata/profile``; else the picture
    /// comes in sRGB.
    package var keepsProfile = false
    /// Whether rows are deep, of 16 bits a sample, where ``ImageHeader/isDeep`` says that they can be; else all samples are
    /// rounded to 8.
    package var keepsDepth = false
    /// Asked from time to time by a decoder that works on the whole picture before it gives a row; what it throws ends the
    /// work. Between rows their reader can ask.
    package var checkpoint: () throws -> Void = {}

    package init() {}
}

/// How a result is written, and what goes into the file beside its pixels.
package struct EncodeRequest {
    package var output: OutputOptions
    package var metadata: PictureMetadata
    /// As ``DecodeRequest/checkpoint``, for an encoder that works on the whole picture after its last row.
    package var checkpoint: () throws -> Void = {}

    package init(_ output: OutputOptions, _ metadata: PictureMetadata = PictureMetadata()) {
        self.output = output
        self.metadata = metadata
    }
}

/// Takes encoded bytes as they come.
package protocol ByteSink: AnyObject {
    func write(_ bytes: Span<UInt8>) throws
}

/// The formats there are.
package enum Codecs {
    package static let all: [any ImageCodec.Type] = [
        JPEGCodec.self,
        PNGCodec.self,
        WebPCodec.self,
        GIFCodec.self,
        BMPCodec.self,
        TIFFCodec.self,
    ]

    /// How many bytes tell the formats apart.
    package static let headByteCount = 16

    package static func codec(for format: ImageFormat) throws(EncodeError) -> any ImageCodec.Type {
        guard let codec = all.first(where: { $0.format == format }) else {
            throw .failed(format, reason: "no codec writes this format")
        }
        return codec
    }

    /// The format of a file by its first bytes, whatever its name says.
    package static func detect(_ head: Span<UInt8>) -> (any ImageCodec.Type)? {
        all.first { $0.matches(head) }
    }
}
