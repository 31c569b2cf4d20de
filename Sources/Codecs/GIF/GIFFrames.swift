/// The parts of a GIF by its blocks alone (GIF 89a, sections 15 to 27).
enum GIFFrames {
    static func count(in bytes: Span<UInt8>) -> Int {
        var count = 0
        forEachPart(of: bytes) { part in
            if part.count > 9, part[0] == 0x2C { count += 1 }
        }
        return max(1, count)
    }

    /// Calls `body` with the header and its palette, then with each extension and each frame whole, and with the byte
    /// that ends them.
    static func forEachPart(of bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        guard bytes.count > 13 else { return body(bytes) }
        var position = 0
        var end = 13 + paletteByteCount(bytes[10])
        while true {
            end = min(end, bytes.count)
            body(bytes.extracting(position..<end))
            if end == bytes.count { return }
            position = end
            switch bytes[position] {
            case 0x21:
                end = self.end(ofBlocksAt: position + 2, bytes)
            case 0x2C where position + 9 < bytes.count:
                // The descriptor, the frame's own palette and a byte that begins the pixels.
                end = self.end(ofBlocksAt: position + 11 + paletteByteCount(bytes[position + 9]), bytes)
            default:
                return body(bytes.extracting(position..<min(position + 1, bytes.count)))
            }
        }
    }

    private static func paletteByteCount(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 6 << Int(flags & 7) }

    /// What follows a chain of blocks, each of which begins with its length.
    private static func end(ofBlocksAt start: Int, _ bytes: Span<UInt8>) -> Int {
        var position = start
        while position < bytes.count, bytes[position] != 0 { position += 1 + Int(bytes[position]) }
        return position + 1
    }
}
