/// The first bytes of a TIFF: byte order, and whether its offsets have 32 or 64 bits.
struct TIFFLayout {
    private let order: ByteOrder
    private let isBig: Bool

    /// - Returns: `nil` where this is no TIFF.
    init?(_ bytes: Span<UInt8>) {
        if bytes.starts(with: "II") {
            order = .littleEndian
        } else if bytes.starts(with: "MM") {
            order = .bigEndian
        } else {
            return nil
        }
        switch bytes.uint16(at: 2, order) {
        case 42: isBig = false
        case 43: isBig = true
        default: return nil
        }
    }

    /// Whether the first directory lies inside the file. It is usually written last, so a file that is cut lacks it.
    func holdsDirectory(_ bytes: Span<UInt8>) -> Bool {
        let countSize = isBig ? 8 : 2, entrySize = isBig ? 20 : 12
        guard let start = number(bytes, isBig ? 8 : 4, size: isBig ? 8 : 4), start <= bytes.count - countSize,
            let entryCount = number(bytes, start, size: countSize)
        else { return false }
        return entryCount <= (bytes.count - start - countSize) / entrySize
    }

    private func number(_ bytes: Span<UInt8>, _ offset: Int, size: Int) -> Int? {
        switch size {
        case 2: return bytes.uint16(at: offset, order).map(Int.init)
        case 4: return bytes.uint32(at: offset, order).map(Int.init)
        default:
            guard let first = bytes.uint32(at: offset, order), let second = bytes.uint32(at: offset + 4, order) else {
                return nil
            }
            let (low, high) = order == .littleEndian ? (first, second) : (second, first)
            return Int(exactly: UInt64(high) << 32 | UInt64(low))
        }
    }
}
