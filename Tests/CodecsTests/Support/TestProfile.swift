import TestPictures

/// Writes colour profiles (ICC.1:2001-04, version 2.4).
struct TestProfile {
    private let kind, space, connection: String
    private var tags: [(name: String, content: [UInt8])]

    /// Light follows from numbers by a gamma, and red, green and blue add up.
    ///
    /// - Parameter matrix: X, Y and Z of red, green and blue, for the white of D50.
    static func display(
        _ matrix: [[Double]], curve: [UInt8], more: [(name: String, content: [UInt8])] = []
    ) -> TestProfile {
        TestProfile(
            kind: "mntr", space: "RGB ", connection: "XYZ ",
            tags: zip("rgb", matrix).flatMap { [("\($0)XYZ", xyz($1)), ("\($0)TRC", curve)] } + more)
    }

    static func gray(curve: [UInt8]) -> TestProfile {
        TestProfile(kind: "mntr", space: "GRAY", connection: "XYZ ", tags: [("kTRC", curve)])
    }

    /// Inks that make gray.
    ///
    /// - Parameter lightness: 0…100, of inks that are each 0 or 1.
    static func printer(
        _ lightness: (_ cyan: Int, _ magenta: Int, _ yellow: Int, _ black: Int) -> Double
    ) -> TestProfile {
        let ramp = [UInt8](big: 0, 2) + [UInt8](big: 0xFFFF, 2)
        var table = Array("mft2".utf8) + [UInt8](big: 0) + [4, 3, 2, 0]
        for row in 0..<3 { for column in 0..<3 { table += fixed(row == column ? 1 : 0) } }
        table += [0, 2, 0, 2] + ramp + ramp + ramp + ramp
        for corner in 0..<16 {
            let light = lightness(corner >> 3, corner >> 2 & 1, corner >> 1 & 1, corner & 1)
            // L from 0 to 0xFF00, a and b around 0x8000.
            table += [UInt8](big: UInt32(light / 100 * 0xFF00), 2) + [0x80, 0, 0x80, 0]
        }
        return TestProfile(
            kind: "prtr", space: "CMYK", connection: "Lab ", tags: [("A2B0", table + ramp + ramp + ramp)])
    }

    /// Light is a number raised to this.
    static func gamma(_ gamma: Double) -> [UInt8] {
        Array("curv".utf8) + [UInt8](big: 0) + [UInt8](big: 1) + [UInt8](big: UInt32(gamma * 256), 2) + [0, 0]
    }

    /// - Parameter light: of a number, both 0…1.
    static func curve(_ light: (Double) -> Double) -> [UInt8] {
        let values = (0..<1024).map { UInt32((light(Double($0) / 1023) * 65_535).rounded()) }
        return Array("curv".utf8) + [UInt8](big: 0) + [UInt8](big: 1024) + values.flatMap { [UInt8](big: $0, 2) }
    }

    var bytes: [UInt8] {
        let all = [("wtpt", Self.xyz([0.9642, 1, 0.8249]))] + tags
        var table = [UInt8](big: UInt32(all.count))
        var body: [UInt8] = []
        for (name, content) in all {
            table += Array(name.utf8) + [UInt8](big: UInt32(132 + all.count * 12 + body.count))
            table += [UInt8](big: UInt32(content.count))
            body += content
        }
        var head = [UInt8](repeating: 0, count: 128)
        head.replaceSubrange(0..<4, with: [UInt8](big: UInt32(132 + all.count * 12 + body.count)))
        head.replaceSubrange(8..<10, with: [2, 0x40])
        head.replaceSubrange(12..<24, with: Array((kind + space + connection).utf8))
        head.replaceSubrange(36..<40, with: Array("acsp".utf8))
        head.replaceSubrange(68..<80, with: [0.9642, 1, 0.8249].flatMap(Self.fixed))
        return head + table + body
    }

    private static func xyz(_ values: [Double]) -> [UInt8] {
        Array("XYZ ".utf8) + [UInt8](big: 0) + values.flatMap(fixed)
    }

    /// s15Fixed16Number.
    private static func fixed(_ value: Double) -> [UInt8] {
        [UInt8](big: UInt32(bitPattern: Int32((value * 65_536).rounded())))
    }
}

/// Files with a colour profile.
extension TestProfile {
    /// In markers of `size` bytes of it each (ICC.1:2001-04, annex B.4).
    func jpeg(_ file: [UInt8], size: Int = 60_000) -> [UInt8] {
        let parts = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
        let markers = parts.enumerated().flatMap { index, part in
            var marker: [UInt8] = [0xFF, 0xE2]
            marker += [UInt8](big: UInt32(part.count + 16), 2)
            marker += Array("ICC_PROFILE\0".utf8)
            marker += [UInt8(index + 1), UInt8(parts.count)]
            return marker + part
        }
        return file.inserting(markers, at: 2)
    }

    /// In version 5, behind the pixels.
    func bitmap(_ bitmap: TestBMP) -> [UInt8] {
        var bitmap = bitmap
        let place = 124 + bitmap.palette.count + bitmap.rows.count
        bitmap.headerSize = 124
        // The masks, the colour space "MBED", its primaries and gammas, the intent, and the profile's place and size.
        bitmap.masks = [0, 0, 0, 0, 0x4D42_4544] + [UInt32](repeating: 0, count: 13)
        bitmap.masks += [UInt32(place), UInt32(bytes.count), 0]
        return bitmap.bytes + bytes
    }

    /// Before all frames, in blocks of 255 bytes.
    func gif(_ file: [UInt8]) -> [UInt8] {
        var block: [UInt8] = [0x21, 0xFF, 11] + Array("ICCRGBG1012".utf8)
        for start in stride(from: 0, to: bytes.count, by: 255) {
            let part = bytes[start..<min(start + 255, bytes.count)]
            block += [UInt8(part.count)] + part
        }
        return file.inserting(block + [0], at: 13 + (file[10] & 0x80 == 0 ? 0 : 6 << Int(file[10] & 7)))
    }

    /// - Parameter file: of the simple kind, 16 × 8 pixels.
    func webP(_ file: [UInt8]) -> [UInt8] {
        let extended = Array("VP8X".utf8) + [UInt8](little: 10) + [UInt8](little: 32) + [15, 0, 0, 7, 0, 0]
        let padding = [UInt8](repeating: 0, count: bytes.count % 2)
        let profile = Array("ICCP".utf8) + [UInt8](little: UInt32(bytes.count)) + bytes + padding
        let body = Array("WEBP".utf8) + extended + profile + file[12...]
        return Array("RIFF".utf8) + [UInt8](little: UInt32(body.count)) + body
    }
}
