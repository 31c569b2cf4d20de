import CPNG
import Imaging

/// Writes a PNG while its rows arrive: gray, RGB where every pixel is opaque, else RGBA.
final class PNGEncoder: RowSink {
    private let writer: PNGWriter
    private let bytes: any ByteSink

    init(_ layout: RowLayout, _ output: OutputOptions, into bytes: any ByteSink) throws(EncodeError) {
        let maxSide = Int(Int32.max)
        guard let width = UInt32(exactly: layout.size.width), let height = UInt32(exactly: layout.size.height),
            max(layout.size.width, layout.size.height) <= maxSide
        else { throw .tooLarge(.png, size: layout.size, limit: maxSide) }
        let channels =
            switch layout.format {
            case .gray8: CPNG_GRAY
            case .rgba8: layout.isOpaque ? CPNG_RGB : CPNG_RGBA
            }
        self.bytes = bytes
        writer = try PNGWriter(
            cpng_format(
                width: width, height: height, channels: channels, strongest: output.effort == .strongest ? 1 : 0))
    }

    func writeRow(_ row: Span<UInt8>) throws {
        try writer.writeRow(row)
        try writer.drain(into: bytes)
    }

    func finish() throws {
        try writer.finish()
        try writer.drain(into: bytes)
    }
}
