/// Inks to light, without a profile: each channel of the light is what its ink and black let through.
enum CMYK {
    /// Turns a row of CMYK into RGBA in place.
    ///
    /// - Parameter isInverted: 255 means no ink, as Adobe writes it; else it means full ink.
    static func convert(_ row: inout MutableSpan<UInt8>, isInverted: Bool) {
        let flip: UInt8 = isInverted ? 0 : 255
        var i = 0
        while i + 3 < row.count {
            let black = UInt32(row[i + 3] ^ flip)
            row[i] = product(UInt32(row[i] ^ flip), black)
            row[i + 1] = product(UInt32(row[i + 1] ^ flip), black)
            row[i + 2] = product(UInt32(row[i + 2] ^ flip), black)
            row[i + 3] = 255
            i += 4
        }
    }

    /// `a × b / 255`, rounded to the nearest.
    @inline(__always)
    private static func product(_ a: UInt32, _ b: UInt32) -> UInt8 {
        let x = a * b + 128
        return UInt8(truncatingIfNeeded: (x + x >> 8) >> 8)
    }
}
