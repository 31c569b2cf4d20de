package import Imaging

/// JPEG (ITU-T T.81) through libjpeg-turbo: 8 bits, baseline and progressive.
package enum JPEGCodec: PlanarCodec {
    package static let format = ImageFormat.jpeg

    package static func matches(_ head: Span<UInt8>) -> Bool {
        head.count >= 3 && head[0] == 0xFF && head[1] == 0xD8 && head[2] == 0xFF
    }

    package static func header(of image: EncodedImage) throws -> ImageHeader {
        try JPEGReader(image).header
    }

    package static func facts(of image: EncodedImage) throws -> ImageFacts {
        try JPEGReader(image).facts
    }

    package static func metadata(of image: EncodedImage) throws -> PictureMetadata {
        try JPEGReader(image).metadata
    }

    package static func decoder(for image: EncodedImage, _ request: DecodeRequest) throws -> any RowSource {
        try JPEGDecoder(image, request)
    }

    package static func encoder(
        for layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink
    ) throws -> any RowSink {
        try JPEGEncoder(layout, request, into: bytes)
    }

    package static func planes(of image: EncodedImage, _ request: DecodeRequest) throws -> Planes? {
        try JPEGBands.planes(of: image, request)
    }

    package static func chroma(for output: OutputOptions) -> ChromaSampling {
        JPEGSettings(output).hasFullChroma ? .full : .quarter
    }

    package static func encode(
        _ planes: Planes, _ request: EncodeRequest, into bytes: any ByteSink, rowDone: () throws -> Void
    ) throws {
        try JPEGPlaneEncoder(planes, request, into: bytes).encode(rowDone)
    }
}
