import Imaging

/// Writes strips of Deflate with the horizontal predictor: gray, RGB where every pixel is opaque, else RGBA, with the rows'
/// bits a sample.
final class TIFFEncoder: RowSink {
    private let layout: RowLayout
    /// As they are written.
    private let pixelByteCount: Int
    private let writer: TIFFWriter
    private let metadata: PictureMetadata
    private let bytes: any ByteSink
    private var strip: [UInt8] = []
    private let stripByteCount: Int

    /// Larger strips compress no better, and smaller ones can be read without the others.
    private static let stripTarget = 256 * 1024

    init(_ layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink) throws(EncodeError) {
        let maxSide = Int(Int32.max)
        guard max(layout.size.width, layout.size.height) <= maxSide else {
            throw .tooLarge(.tiff, size: layout.size, limit: maxSide)
        }
        self.layout = layout
        metadata = request.metadata
        self.bytes = bytes
        let channels =
            switch layout.format.channels {
            case .gray: 1
            case .rgba: layout.isOpaque ? 3 : 4
            }
        let byteCount = layout.format.isDeep ? 2 : 1
        pixelByteCount = channels * byteCount
        let rowByteCount = layout.size.width * pixelByteCount
        let rowCount = min(max(Self.stripTarget / rowByteCount, 1), layout.size.height)
        stripByteCount = rowCount * rowByteCount
        writer = try TIFFWriter(
            layout.size, channels: channels, bits: 8 * byteCount, rowsPerStrip: rowCount,
            level: request.output.effort == .strongest ? 9 : 6, metadata.exif?.order ?? .littleEndian)
        strip.reserveCapacity(stripByteCount)
    }

    func writeRow(_ row: Span<UInt8>) throws {
        let step = layout.format.bytesPerPixel
        if pixelByteCount == step {
            unsafe row.withUnsafeBufferPointer { unsafe strip.append(contentsOf: $0) }
        } else {
            for i in stride(from: 0, to: row.count, by: step) {
                for byte in i..<i + pixelByteCount { strip.append(row[byte]) }
            }
        }
        if strip.count == stripByteCount { try flush() }
    }

    func finish() throws {
        if !strip.isEmpty { try flush() }
        try writer.finish(metadata, into: bytes)
    }

    private func flush() throws {
        try writer.writeStrip(strip)
        strip.removeAll(keepingCapacity: true)
    }
}
