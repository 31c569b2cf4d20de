/// Numbers as the formats write them.
extension [UInt8] {
    package init(little value: UInt32, _ count: Int = 4) {
        self = (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }

    package init(big value: UInt32, _ count: Int = 4) {
        self = [UInt8](little: value, count).reversed()
    }

    /// Reads base64, whatever white space is in it.
    package init(base64 text: String) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bits: UInt32 = 0
        var bitCount = 0
        self = []
        for letter in text.utf8 {
            guard let value = alphabet.firstIndex(of: letter) else { continue }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
        }
    }

    package func replacing(_ range: Range<Int>, with bytes: [UInt8]) -> [UInt8] {
        var result = self
        result.replaceSubrange(range, with: bytes)
        return result
    }

    package func inserting(_ bytes: [UInt8], at index: Int) -> [UInt8] { replacing(index..<index, with: bytes) }

    /// Packs samples of 1…8 bits, the first in the highest bits; each row begins on a byte of its own.
    package static func packed(_ samples: [UInt8], width: Int, bits: Int) -> [UInt8] {
        stride(from: 0, to: samples.count, by: width).flatMap { start in
            var row = [UInt8](repeating: 0, count: (width * bits + 7) / 8)
            for x in 0..<width {
                row[x * bits / 8] |= samples[start + x] << UInt8(8 - bits - x * bits % 8)
            }
            return row
        }
    }
}
