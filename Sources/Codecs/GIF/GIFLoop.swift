/// How often an animation is shown: an application extension that Netscape Navigator 2.0 brought, and all read.
enum GIFLoop {
    static let name = Array("NETSCAPE2.0".utf8)

    static func begins(_ block: Span<UInt8>) -> Bool {
        block.count == name.count && (block.starts(with: "NETSCAPE2.0") || block.starts(with: "ANIMEXTS1.0"))
    }

    /// The file says how often the animation is repeated, 0 for ever.
    static func playCount(_ block: Span<UInt8>) -> Int? {
        guard block.count >= 3, block[0] & 7 == 1, let repeats = block.uint16(at: 1, .littleEndian) else { return nil }
        return repeats == 0 ? 0 : Int(repeats) + 1
    }

    /// - Parameter playCount: not 1, which is said by leaving the extension out.
    static func block(playCount: Int) -> [UInt8] {
        let repeats = UInt16(clamping: max(0, playCount - 1))
        return [1, UInt8(truncatingIfNeeded: repeats), UInt8(truncatingIfNeeded: repeats >> 8)]
    }
}
