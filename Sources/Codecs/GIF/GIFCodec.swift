package import Imaging

/// GIF 87a and 89a through giflib.
package enum GIFCodec: AnimatedCodec {
    package static let format = ImageFormat.gif

    package static func matches(_ head: Span<UInt8>) -> Bool {
        head.starts(with: "GIF87a") || head.starts(with: "GIF89a")
    }

    package static func header(of image: EncodedImage) throws -> ImageHeader {
        try GIFReader(image).header
    }

    package static func facts(of image: EncodedImage) throws -> ImageFacts {
        try ImageFacts(
            .palette, bitDepth: GIFReader(image).bitDepth,
            frameCount: image.withBytes { bytes in GIFFrames.count(in: bytes) })
    }

    package static func decoder(for image: EncodedImage, _ request: DecodeRequest) throws -> any RowSource {
        try GIFDecoder(GIFReader(image))
    }

    package static func encoder(
        for layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any RowSink {
        try GIFEncoder(layout, request.output, into: bytes)
    }

    package static func frames(of image: EncodedImage, _ request: DecodeRequest) throws -> any FrameSource {
        try GIFFrameSource(GIFReader(image))
    }

    package static func frameEncoder(
        for size: Size, playCount: Int, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any FrameSink {
        try GIFFrameEncoder(size, playCount: playCount, request.output, into: bytes)
    }
}
