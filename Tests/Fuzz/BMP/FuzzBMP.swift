import Codecs
import Fuzzing
import Imaging

/// Whatever opens as a bitmap has all its rows, and no transparent pixel where it says so.
@main enum FuzzBMP {
    static func main() { fuzz(feed) }

    private static func feed(_ bytes: [UInt8]) {
        let image = EncodedImage(bytes)
        // As the service does, but with less to spare, so that more files are tried in a second.
        guard let header = try? BMPCodec.header(of: image), header.storedSize.area <= 1 << 16 else { return }
        _ = image.withBytes(BMPCodec.matches)
        guard (try? BMPCodec.facts(of: image)) != nil else { fatalError("a header without facts") }
        guard let source = try? BMPCodec.decoder(for: image, DecodeRequest()) else { return }
        let layout = source.layout
        precondition(layout.size == header.storedSize && (layout.format == .gray8) == header.isGray)
        var row = [UInt8](repeating: 0, count: layout.rowByteCount)
        for _ in 0..<layout.size.height {
            do {
                try source.readRow(into: &row)
            } catch {
                fatalError("a row that is not there: \(error)")
            }
            if layout.format == .rgba8 && layout.isOpaque {
                precondition(stride(from: 3, to: row.count, by: 4).allSatisfy { row[$0] == 255 })
            }
        }
    }
}
