import Foundation

/// Pictures made by hand, from the formats' specifications.
enum Pictures {
    /// An 8-bit gray PNG (PNG, third edition, section 11) with a ramp in it.
    ///
    /// - Parameter declaring: what the header says, where that is a lie.
    static func png(width: Int, height: Int, declaring size: (Int, Int)? = nil) -> [UInt8] {
        let (w, h) = size ?? (width, height)
        let rows = (0..<height).flatMap { y -> [UInt8] in
            [0] + (0..<width).map { UInt8(truncatingIfNeeded: $0 * 16 + y) }
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", big(w) + big(h) + [8, 0, 0, 0, 0]) + chunk("IDAT", zlib(rows)) + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + content
        return big(content.count) + body + big(Int(crc(body)))
    }

    /// Stored, not compressed (RFC 1950, RFC 1951 section 3.2.4); up to 65535 bytes.
    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        let n = bytes.count
        var a: UInt32 = 1
        var b: UInt32 = 0
        for byte in bytes {
            a = (a + UInt32(byte)) % 65521
            b = (b + a) % 65521
        }
        let length = [UInt8(n & 255), UInt8(n >> 8), UInt8(~n & 255), UInt8(~n >> 8 & 255)]
        return [0x78, 0x01, 0x01] + length + bytes + big(Int(b << 16 | a))
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
        }
        return ~crc
    }

    private static func big(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
