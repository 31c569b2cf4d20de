#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

import Codecs
import Imaging
import Rendering
import Testing

/// Picture files made by our own encoders.
enum SourceFile {
    /// Encodes a picture whose pixels a function gives.
    static func make(
        _ format: ImageFormat, _ width: Int, _ height: Int, _ pixelFormat: PixelFormat = .rgba8, isOpaque: Bool = true,
        quality: Int = 95, pixel: (_ x: Int, _ y: Int) -> [UInt8]
    ) throws -> [UInt8] {
        let layout = RowLayout(
            size: Size(width: width, height: height), format: pixelFormat, isOpaque: isOpaque)
        let bytes = MemoryByteSink()
        let sink = try Codecs.codec(for: format).encoder(
            for: layout, EncodeRequest(OutputOptions(format: format, quality: quality)), into: bytes)
        for y in 0..<height {
            let row = (0..<width).flatMap { pixel($0, y).prefix(pixelFormat.bytesPerPixel) }
            try sink.writeRow(row.span)
        }
        try sink.finish()
        return bytes.bytes
    }

    /// Smooth colours with some texture, as photos have them.
    static func photo(_ format: ImageFormat, _ width: Int, _ height: Int, quality: Int = 95) throws -> [UInt8] {
        try make(format, width, height, quality: quality) { x, y in
            let wave = (x * x / 37 + y * y / 23) % 64
            return [
                UInt8((x * 180 / width + wave) % 256), UInt8((y * 180 / height + wave) % 256), UInt8(wave * 2), 255,
            ]
        }
    }

    /// The same JPEG with an EXIF orientation, little-endian, right behind its first marker.
    static func oriented(_ jpeg: [UInt8], _ orientation: Orientation) -> [UInt8] {
        let exif: [UInt8] =
            Array("Exif".utf8) + [0, 0, 0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0]
            + [0x12, 1, 3, 0, 1, 0, 0, 0, orientation.rawValue, 0, 0, 0, 0, 0, 0, 0]
        return jpeg.prefix(2) + [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif + jpeg.dropFirst(2)
    }
}

/// The decoded rows of a file.
struct Decoded {
    let layout: RowLayout
    let bytes: [UInt8]

    /// - Parameter keepsDepth: whether samples of 16 bits come as such.
    init(_ file: [UInt8], keepsDepth: Bool = false) throws {
        let image = EncodedImage(file)
        let codec = try #require(image.withBytes { Codecs.detect($0.extracting(first: Codecs.headByteCount)) })
        var request = DecodeRequest()
        request.keepsDepth = keepsDepth
        let source = try codec.decoder(for: image, request)
        layout = source.layout
        var bytes: [UInt8] = []
        var row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
        for _ in 0..<source.layout.size.height {
            try source.readRow(into: &row)
            bytes += row
        }
        self.bytes = bytes
    }

    /// RGBA of deep rows.
    var levels: [Int] {
        let samples = unsafe bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 2).map {
                unsafe Int(bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self))
            }
        }
        return layout.format == .gray16 ? samples.flatMap { [$0, $0, $0, 65_535] } : samples
    }

    subscript(x: Int, y: Int) -> [UInt8] {
        let count = layout.format.bytesPerPixel
        let start = (y * layout.size.width + x) * count
        return Array(bytes[start..<start + count])
    }

    func mean(_ channel: Int) -> Double {
        let samples = stride(from: channel, to: bytes.count, by: layout.format.bytesPerPixel)
        return samples.reduce(0) { $0 + Double(bytes[$1]) } / Double(layout.size.area)
    }

    /// Peak signal to noise, in decibels.
    func quality(against other: Decoded) -> Double {
        guard layout.size == other.layout.size, layout.format == other.layout.format else { return 0 }
        let squares = zip(bytes, other.bytes).reduce(0.0) { sum, pair in
            let difference = Double(pair.0) - Double(pair.1)
            return sum + difference * difference
        }
        return squares == 0 ? .infinity : 10 * log10(255 * 255 * Double(bytes.count) / squares)
    }
}

extension Renderer {
    /// Renders by a list of steps, the output beside it.
    func file(
        _ source: [UInt8], _ steps: [String], output: [String: JSONValue] = [:], with files: [String: [UInt8]] = [:],
        checkpoint: (Double?) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        let plan = try Plan(json: ["operations": .array(steps.map { .string($0) }), "output": .object(output)])
        let bytes = MemoryByteSink()
        _ = try render(
            EncodedImage(source), by: plan, with: files.mapValues { EncodedImage($0) }, into: bytes,
            checkpoint: checkpoint)
        return bytes.bytes
    }
}
