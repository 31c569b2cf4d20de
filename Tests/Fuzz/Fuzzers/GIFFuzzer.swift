import Imaging

@testable import Codecs

/// A GIF as a picture and as an animation, and its control blocks alone.
enum GIFFuzzer: Fuzzer {
    static let name = "gif"

    /// 2 × 1 pixels in one frame, and in two that loop.
    static let seeds = [
        text("GIF89a") + hex("02000100 800000 000000 ffffff") + frame + text(";"),
        text("GIF89a") + hex("02000100 800000 000000 ffffff 21ff0b") + text("NETSCAPE2.0") + hex("03 010000 00")
            + hex("21f904 0d0a0001 00") + frame + hex("21f904 080a0000 00") + frame + text(";"),
    ]
    private static let frame = hex("2c 0000 0000 0200 0100 00 02 02440a 00")

    static func feed(_ bytes: [UInt8]) {
        readBlocks(bytes.span)
        let image = EncodedImage(bytes)
        // As the service does, but with less to spare, so that more files are tried in a second.
        guard let header = try? GIFCodec.header(of: image), header.storedSize.area <= 1 << 14 else { return }
        guard let facts = try? GIFCodec.facts(of: image) else { fatalError("a header without facts") }
        precondition((1...8).contains(facts.bitDepth ?? 0))
        // What is broken may end a picture at any row, but not change its size.
        if let source = try? GIFCodec.decoder(for: image, DecodeRequest()) {
            precondition(source.layout.size == header.storedSize)
            try? read(source)
        }
        if let frames = try? GIFCodec.frames(of: image, DecodeRequest()) {
            var frameCount = 0
            while let frame = try? frames.nextFrame() {
                frameCount += 1
                precondition(frame.rows.layout.size == header.storedSize && frame.milliseconds >= 0)
                do { try read(frame.rows) } catch { fatalError("a row that is not there: \(error)") }
            }
            guard frameCount <= facts.frameCount else { fatalError("\(frameCount) frames of \(facts.frameCount)") }
            precondition(frames.playCount >= 0)
        }
    }
}

private func readBlocks(_ block: Span<UInt8>) {
    if let control = GIFControl(block) { precondition(GIFControl(control.block.span) == control) }
    if GIFLoop.begins(block) { precondition(block.count == GIFLoop.name.count) }
    if let playCount = GIFLoop.playCount(block), playCount != 1 {
        precondition(GIFLoop.playCount(GIFLoop.block(playCount: playCount).span) == playCount)
    }
    precondition(GIFFrames.count(in: block) >= 1)
}

private func read(_ source: any RowSource) throws {
    var row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
    for _ in 0..<source.layout.size.height {
        try source.readRow(into: &row)
    }
}
