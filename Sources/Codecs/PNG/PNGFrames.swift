/// The frames of an animated PNG (PNG, third edition, section 11.3.6.1), of which only the first is decoded.
enum PNGFrames {
    /// - Returns: 1 where the chunk that counts them is not there, before the pixels.
    static func count(in bytes: Span<UInt8>) -> Int {
        var chunks = PNGChunks()
        while let (name, content) = chunks.next(in: bytes), !bytes.starts(with: "IDAT", at: name) {
            if bytes.starts(with: "acTL", at: name) {
                return bytes.uint32(at: content.lowerBound, .bigEndian).map { max(1, Int($0)) } ?? 1
            }
        }
        return 1
    }
}
