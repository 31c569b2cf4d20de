/// Which byte of a number comes first.
enum ByteOrder {
    case littleEndian, bigEndian
}

extension [UInt8] {
    /// Appends the lowest bytes of a number.
    mutating func append(_ number: Int, byteCount: Int, _ order: ByteOrder) {
        for place in 0..<byteCount {
            let shift = 8 * (order == .littleEndian ? place : byteCount - 1 - place)
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

extension Span<UInt8> {
    /// A copy.
    package var array: [UInt8] { unsafe withUnsafeBufferPointer { unsafe [UInt8]($0) } }

    /// Two bytes as a number; `nil` where any of them lies outside.
    func uint16(at offset: Int, _ order: ByteOrder) -> UInt16? {
        guard offset >= 0, offset <= count - 2 else { return nil }
        let first = UInt16(self[offset]), second = UInt16(self[offset + 1])
        return order == .littleEndian ? first | second << 8 : first << 8 | second
    }

    /// Four bytes as a number; `nil` where any of them lies outside.
    func uint32(at offset: Int, _ order: ByteOrder) -> UInt32? {
        guard offset >= 0, offset <= count - 4,
            let first = uint16(at: offset, order), let second = uint16(at: offset + 2, order)
        else { return nil }
        let (low, high) = order == .littleEndian ? (first, second) : (second, first)
        return UInt32(high) << 16 | UInt32(low)
    }

    /// Whether the bytes begin with those of an ASCII text.
    func starts(with text: StaticString, at offset: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count - offset >= length else { return false }
        return text.withUTF8Buffer { letters in
            for i in 0..<length where unsafe letters[i] != self[offset + i] { return false }
            return true
        }
    }
}
