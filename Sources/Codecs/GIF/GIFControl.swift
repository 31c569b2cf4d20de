/// How one frame is shown: the graphic control block before it (GIF 89a, section 23).
struct GIFControl: Hashable {
    /// What becomes of a frame before the next is drawn.
    enum Disposal: UInt8 {
        case keep = 1
        /// Its rectangle becomes transparent.
        case clear = 2
        /// Its rectangle becomes what it was before.
        case restore = 3
    }

    var disposal = Disposal.keep
    /// In hundredths of a second.
    var delay = 0
    var transparentIndex: Int?
}

extension GIFControl {
    /// - Parameter block: without its length; `nil` for one that is too short.
    init?(_ block: Span<UInt8>) {
        guard block.count >= 4, let delay = block.uint16(at: 1, .littleEndian) else { return nil }
        disposal = Disposal(rawValue: block[0] >> 2 & 7) ?? .keep
        self.delay = Int(delay)
        transparentIndex = block[0] & 1 == 1 ? Int(block[3]) : nil
    }

    var block: [UInt8] {
        [
            disposal.rawValue << 2 | (transparentIndex == nil ? 0 : 1), UInt8(truncatingIfNeeded: delay),
            UInt8(truncatingIfNeeded: delay >> 8), UInt8(truncatingIfNeeded: transparentIndex ?? 0),
        ]
    }
}

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
