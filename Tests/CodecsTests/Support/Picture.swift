import Codecs
import Imaging

/// Pixels in memory.
struct Picture: Equatable {
    var layout: RowLayout
    var pixels: [UInt8]

    init(_ layout: RowLayout, _ pixels: [UInt8]) {
        self.layout = layout
        self.pixels = pixels
    }

    /// Makes each pixel from its place; alpha counts only where the layout is not opaque.
    init(_ width: Int, _ height: Int, _ format: PixelFormat, isOpaque: Bool, _ pixel: (Int, Int) -> [UInt8]) {
        layout = RowLayout(size: Size(width: width, height: height), format: format, isOpaque: isOpaque)
        pixels = (0..<height).flatMap { y in (0..<width).flatMap { x in pixel(x, y) } }
    }

    /// A smooth picture with one hard edge, which no codec gets right by chance.
    static func sample(_ width: Int, _ height: Int, _ kind: Kind) -> Picture {
        let shade = { (x: Int, y: Int) in UInt8(255 * (x + y) / (width + height)) }
        switch kind {
        case .gray:
            return Picture(width, height, .gray8, isOpaque: true) { x, y in [shade(x, y)] }
        case .opaque, .transparent:
            let isOpaque = kind == .opaque
            return Picture(width, height, .rgba8, isOpaque: isOpaque) { x, y in
                [shade(x, y), x * 3 < width ? 40 : 200, 255 - shade(x, y), isOpaque || y * 2 < height ? 255 : 0]
            }
        }
    }

    enum Kind: CaseIterable, Sendable { case gray, opaque, transparent }

    var asRGBA: [UInt8] {
        layout.format == .rgba8 ? pixels : pixels.flatMap { [$0, $0, $0, 255] }
    }

    /// The peak signal-to-noise ratio in dB over the pixels that are not transparent here.
    func similarity(to other: Picture) -> Double {
        let ours = asRGBA, theirs = other.asRGBA
        var sum = 0.0, count = 0.0
        for i in stride(from: 0, to: ours.count, by: 4) where ours[i + 3] > 0 {
            for channel in i..<i + 3 {
                let difference = Double(ours[channel]) - Double(theirs[channel])
                sum += difference * difference
                count += 1
            }
        }
        return sum == 0 ? .infinity : 10 * (255 * 255 * count / sum).logarithm10
    }

    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        let start = y * layout.rowByteCount + x * layout.format.bytesPerPixel
        return Array(pixels[start..<start + layout.format.bytesPerPixel])
    }
}

extension Picture {
    /// Decodes bytes of whatever format they are.
    init(decoding bytes: [UInt8], _ request: DecodeRequest = DecodeRequest()) throws {
        let image = EncodedImage(bytes)
        try self.init(reading: codec(of: image).decoder(for: image, request))
    }

    /// Reads all rows of a source.
    init(reading decoder: any RowSource) throws {
        let layout = decoder.layout
        var pixels = [UInt8](repeating: 0xA5, count: layout.rowByteCount * layout.size.height)
        var rows = pixels.mutableSpan
        for y in 0..<layout.size.height {
            var row = rows._mutatingExtracting(y * layout.rowByteCount..<(y + 1) * layout.rowByteCount)
            try decoder.readRow(into: &row)
        }
        self.init(layout, pixels)
    }

    func encoded(
        _ format: ImageFormat, _ metadata: PictureMetadata = PictureMetadata(),
        _ change: (inout OutputOptions) -> Void = { _ in }
    ) throws -> [UInt8] {
        var output = OutputOptions(format: format)
        change(&output)
        let sink = MemoryByteSink()
        let encoder = try Codecs.codec(for: format).encoder(for: layout, EncodeRequest(output, metadata), into: sink)
        for y in 0..<layout.size.height {
            try encoder.writeRow(pixels.span.extracting(y * layout.rowByteCount..<(y + 1) * layout.rowByteCount))
        }
        try encoder.finish()
        return sink.bytes
    }
}

/// Reads the header of bytes of whatever format they are.
func header(of bytes: [UInt8]) throws -> ImageHeader {
    let image = EncodedImage(bytes)
    return try codec(of: image).header(of: image)
}

/// The same for the facts.
func facts(of bytes: [UInt8]) throws -> ImageFacts {
    let image = EncodedImage(bytes)
    return try codec(of: image).facts(of: image)
}

/// The same for what the file tells beside the pixels.
func metadata(of bytes: [UInt8]) throws -> PictureMetadata {
    let image = EncodedImage(bytes)
    return try codec(of: image).metadata(of: image)
}

private func codec(of image: EncodedImage) throws -> any ImageCodec.Type {
    guard let codec = image.withBytes({ Codecs.detect($0.extracting(first: Codecs.headByteCount)) }) else {
        throw DecodeError.unknownFormat
    }
    return codec
}
