/// The chunks of a PNG (ISO/IEC 15948, section 5.3), without their checksums.
struct PNGChunks {
    /// Where the next one begins.
    private var position = 8

    /// Steps to the next chunk.
    ///
    /// - Returns: the place of its name, and of its content as far as the file holds it; `nil` behind the last one.
    mutating func next(in bytes: Span<UInt8>) -> (name: Int, content: Range<Int>)? {
        guard let length = bytes.uint32(at: position, .bigEndian), bytes.count - position >= 8 else { return nil }
        let start = position + 8
        position = start + Int(length) + 4
        return (start - 4, start..<min(start + Int(length), bytes.count))
    }
}
