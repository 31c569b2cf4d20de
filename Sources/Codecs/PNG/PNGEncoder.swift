import CPNG
import Imaging

/// Writes a PNG while its rows arrive: gray, RGB where every pixel is opaque, else RGBA, with the rows' bits a sample.
///
/// The first rows are kept until they show what kind of picture this is.
final class PNGEncoder: RowSink {
    private let layout: RowLayout
    private let isStrongest: Bool
    private let metadata: PictureMetadata
    private let bytes: any ByteSink
    /// Begins where the sample ends.
    private var writer: PNGWriter?
    private var sample: PNGSample

    private static let maxSide = Int(Int32.max)

    init(_ layout: RowLayout, _ request: EncodeRequest, into bytes: any ByteSink) throws(EncodeError) {
        guard max(layout.size.width, layout.size.height) <= Self.maxSide else {
            throw .tooLarge(.png, size: layout.size, limit: Self.maxSide)
        }
        self.layout = layout
        isStrongest = request.output.effort == .strongest
        metadata = request.metadata
        self.bytes = bytes
        sample = PNGSample(layout)
    }

    func writeRow(_ row: Span<UInt8>) throws {
        if let writer {
            try writer.writeRow(row)
            try writer.drain(into: bytes)
        } else {
            sample.append(row)
            if sample.isFull { _ = try start() }
        }
    }

    func finish() throws {
        let writer = try writer ?? start()
        try writer.finish()
        try writer.drain(into: bytes)
    }

    private func start() throws -> PNGWriter {
        let writer = try PNGWriter(
            cpng_format(
                width: UInt32(layout.size.width), height: UInt32(layout.size.height), channels: channels,
                bits: layout.format.isDeep ? 16 : 8, is_photo: sample.isPhoto ? 1 : 0, is_strongest: isStrongest ? 1 : 0
            ))
        try writer.write(metadata, isDeep: layout.format.isDeep)
        try sample.forEachRow { try writer.writeRow($0) }
        try writer.drain(into: bytes)
        sample = PNGSample(layout)
        self.writer = writer
        return writer
    }

    private var channels: cpng_channels {
        switch layout.format.channels {
        case .gray: CPNG_GRAY
        case .rgba: layout.isOpaque ? CPNG_RGB : CPNG_RGBA
        }
    }
}
