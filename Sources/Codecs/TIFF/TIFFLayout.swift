/// The first bytes of a TIFF: byte order, and whether its offsets have 32 or 64 bits.
struct TIFFLayout {
    let order: ByteOrder
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

    /// Bytes of an offset, and of the value that an entry holds itself.
    var offsetSize: Int { isBig ? 8 : 4 }
    /// Bytes of the number of entries, before the first of them.
    var countSize: Int { isBig ? 8 : 2 }
    var entrySize: Int { isBig ? 20 : 12 }

    /// The first directory, which the file may lack.
    func firstDirectory(_ bytes: Span<UInt8>) -> TIFFDirectory? {
        number(bytes, isBig ? 8 : 4, size: offsetSize).flatMap { TIFFDirectory(self, at: $0, bytes) }
    }

    /// - Returns: `nil` where the number lies outside the bytes, or is beyond any place in them.
    func number(_ bytes: Span<UInt8>, _ offset: Int, size: Int) -> Int? {
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
