package import Imaging

/// TIFF 6.0 and BigTIFF through libtiff, page by page.
package enum TIFFCodec: ImageCodec {
    package static let format = ImageFormat.tiff

    package static func matches(_ head: Span<UInt8>) -> Bool { TIFFLayout(head) != nil }

    package static func pageCount(of image: EncodedImage, upTo limit: Int) -> Int {
        image.withBytes { bytes in TIFFLayout(bytes).map { TIFFPages($0).count(in: bytes, upTo: limit) } ?? 1 }
    }

    package static func header(of image: EncodedImage) throws -> ImageHeader {
        try TIFFReader(image).header
    }

    package static func facts(of image: EncodedImage) throws -> ImageFacts {
        try TIFFReader(image).facts
    }

    package static func metadata(of image: EncodedImage) throws -> PictureMetadata {
        try TIFFReader(image).metadata
    }

    package static func decoder(for image: EncodedImage, _ request: DecodeRequest) throws -> any RowSource {
        let reader = try TIFFReader(image)
        return request.keepsDepth && reader.samples.isDeep
            ? try TIFFDecoder<UInt16>(reader, request) : try TIFFDecoder<UInt8>(reader, request)
    }

    package static func encoder(
        for layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any RowSink {
        try TIFFEncoder(layout, request, into: bytes)
    }
}
