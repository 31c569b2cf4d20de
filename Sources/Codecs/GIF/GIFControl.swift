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
