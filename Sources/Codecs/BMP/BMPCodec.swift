package import Imaging

/// Windows and OS/2 bitmaps, read and written by our own code.
package enum BMPCodec: ImageCodec {
    package static let format = ImageFormat.bmp

    package static func matches(_ head: Span<UInt8>) -> Bool {
        // The size of the second header tells a bitmap from a text that begins with "BM".
        guard head.starts(with: "BM"), let headerSize = head.uint16(at: 14, .littleEndian) else { return false }
        return (12...124).contains(headerSize)
    }

    package static func header(of image: EncodedImage) throws -> ImageHeader {
        let header = try image.withBytes { bytes throws(DecodeError) in try BMPHeader(bytes) }
        var result = ImageHeader(format: .bmp, storedSize: header.size, hasAlpha: header.hasAlpha)
        result.isGray = header.isGray
        result.needsWholePicture = header.compression.isRunLength
        return result
    }

    package static func facts(of image: EncodedImage) throws -> ImageFacts {
        let header = try image.withBytes { bytes throws(DecodeError) in try BMPHeader(bytes) }
        if header.bitsPerPixel <= 8 { return ImageFacts(.palette, bitDepth: header.bitsPerPixel) }
        return ImageFacts(header.hasAlpha ? .rgba : .rgb, bitDepth: header.masks.bitDepth)
    }

    /// It has no place for any.
    package static func withoutMetadata(_ image: EncodedImage) -> [UInt8]? { image.withBytes { $0.array } }

    package static func decoder(for image: EncodedImage, _ request: DecodeRequest) throws -> any RowSource {
        let decoder = try BMPDecoder(image)
        return decoder.managed(by: decoder.transform)
    }

    package static func encoder(
        for layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any RowSink {
        try BMPEncoder(layout, request.output, into: bytes)
    }
}
