/// The frames of a GIF, counted by its blocks alone (GIF 89a, sections 15 to 27).
enum GIFFrames {
    static func count(in bytes: Span<UInt8>) -> Int {
        guard bytes.count > 13 else { return 1 }
        var position = 13 + paletteByteCount(bytes[10])
        var count = 0
        while position < bytes.count {
            switch bytes[position] {
            case 0x21:
                position = end(ofBlocksAt: position + 2, bytes)
            case 0x2C where position + 9 < bytes.count:
                count += 1
                // The descriptor, the frame's own palette and a byte that begins the pixels.
                position = end(ofBlocksAt: position + 11 + paletteByteCount(bytes[position + 9]), bytes)
            default:
                return max(1, count)
            }
        }
        return max(1, count)
    }

    private static func paletteByteCount(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 6 << Int(flags & 7) }

    /// What follows a chain of blocks, each of which begins with its length.
    private static func end(ofBlocksAt start: Int, _ bytes: Span<UInt8>) -> Int {
        var position = start
        while position < bytes.count, bytes[position] != 0 { position += 1 + Int(bytes[position]) }
        return position + 1
    }
}
