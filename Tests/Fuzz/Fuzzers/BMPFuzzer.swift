import Codecs
import Imaging

/// Whatever opens as a bitmap has all its rows, and no transparent pixel where it says so.
enum BMPFuzzer: Fuzzer {
    static let name = "bmp"

    /// 2 × 2 pixels of 24 bits, of 8 bits by run lengths, of 16 bits by masks, and with the oldest header.
    static let seeds = [
        text("BM") + hex("46000000 00000000 36000000 28000000 02000000 02000000 0100 1800") + zeros(40),
        text("BM") + hex("46000000 00000000 3e000000 28000000 02000000 02000000 0100 0800 01000000") + zeros(12)
            + hex("02000000 00000000 00000000 ffffff00 0201 0000 0201 0001 0000 01"),
        text("BM") + hex("4a000000 00000000 42000000 28000000 02000000 feffffff 0100 1000 03000000") + zeros(20)
            + hex("00f80000 e0070000 1f000000") + zeros(16),
        text("BM") + hex("00000000 00000000 20000000 0c000000 0200 0200 0100 0100 000000 ffffff 40000000 80000000"),
    ]

    static func feed(_ bytes: [UInt8]) {
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
