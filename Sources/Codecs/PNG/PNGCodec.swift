package import Imaging

/// PNG (ISO/IEC 15948) through libpng: every type and depth, as 8 bits a channel or 16.
package enum PNGCodec: ImageCodec {
    package static let format = ImageFormat.png

    package static func matches(_ head: Span<UInt8>) -> Bool {
        head.count >= 8 && head[0] == 0x89 && head.starts(with: "PNG\r\n\u{1A}\n", at: 1)
    }

    package static func header(of image: EncodedImage) throws -> ImageHeader {
        try PNGReader(image).header
    }

    package static func facts(of image: EncodedImage) throws -> ImageFacts {
        try PNGReader(image).facts
    }

    package static func metadata(of image: EncodedImage) throws -> PictureMetadata {
        try PNGReader(image).metadata
    }

    package static func decoder(for image: EncodedImage, _ request: DecodeRequest) throws -> any RowSource {
        let reader = try PNGReader(image, keepsDepth: request.keepsDepth)
        let rows: any RowSource = reader.isInterlaced ? try reader.readAll(request.checkpoint) : try PNGDecoder(reader)
        return rows.managed(by: request.keepsProfile ? nil : reader.transform)
    }

    package static func encoder(
        for layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any RowSink {
        try PNGEncoder(layout, request, into: bytes)
    }
}
