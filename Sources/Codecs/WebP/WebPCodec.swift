package import Imaging

/// WebP (RFC 9649) through libwebp: lossy and lossless, with alpha.
package enum WebPCodec: AnimatedCodec {
    package static let format = ImageFormat.webp

    package static func matches(_ head: Span<UInt8>) -> Bool {
        head.starts(with: "RIFF") && head.starts(with: "WEBP", at: 8)
    }

    package static func header(of image: EncodedImage) throws -> ImageHeader {
        try WebPReader(image).header
    }

    package static func facts(of image: EncodedImage) throws -> ImageFacts {
        try WebPReader(image).facts
    }

    package static func metadata(of image: EncodedImage) throws -> PictureMetadata {
        try WebPReader(image).metadata
    }

    package static func decoder(for image: EncodedImage, _ request: DecodeRequest) throws -> any RowSource {
        let reader = try WebPReader(image)
        return try reader.readAll(request).managed(by: reader.transform(request))
    }

    package static func encoder(
        for layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any RowSink {
        try WebPEncoder(layout, request, into: bytes)
    }

    package static func frames(of image: EncodedImage, _ request: DecodeRequest) throws -> any FrameSource {
        try WebPFrameSource(WebPReader(image), request)
    }

    package static func frameEncoder(
        for size: Size, playCount: Int, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any FrameSink {
        try WebPFrameEncoder(size, playCount: playCount, request, into: bytes)
    }
}
