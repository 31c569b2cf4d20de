/// The frames of an animated PNG (PNG, third edition, section 11.3.6.1), of which only the first is decoded.
enum PNGFrames {
    /// - Returns: 1 where the chunk that counts them is not there, before the pixels.
    static func count(in bytes: Span<UInt8>) -> Int {
        var position = 8
        while let length = bytes.uint32(at: position, .bigEndian), !bytes.starts(with: "IDAT", at: position + 4) {
            if bytes.starts(with: "acTL", at: position + 4) {
                return bytes.uint32(at: position + 8, .bigEndian).map { max(1, Int($0)) } ?? 1
            }
            position += 12 + Int(length)
        }
        return 1
    }
}
