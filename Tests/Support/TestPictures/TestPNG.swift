/// Writes PNG files of any type and depth, without compression: a second implementation of the specification (ISO/IEC 15948),
/// to read against.
package struct TestPNG {
    package let width, height, bits: Int
    /// 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.
    package let color: UInt8
    /// As many bits as `bits` says, row by row.
    package let samples: [UInt16]
    package var palette: [UInt8] = []
    package var transparency: [UInt8] = []
    package var exif: [UInt8] = []
    package var profile: [UInt8] = []
    /// Other chunks, by name, before the palette.
    package var chunks: [(name: String, content: [UInt8])] = []

    package init(_ width: Int, _ height: Int, bits: Int, color: UInt8, samples: [Int]) {
        (self.width, self.height, self.bits, self.color) = (width, height, bits, color)
        self.samples = samples.map { UInt16(truncatingIfNeeded: $0 & (1 << bits - 1)) }
    }

    private var channels: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][color] ?? 0 }

    /// - Parameters:
    ///   - pack: makes the zlib stream of the rows; one stored block where left out.
    ///   - cut: makes the contents of the chunks that hold the stream; one where left out.
    package func bytes(
        isInterlaced: Bool = false, packing pack: (([UInt8]) -> [UInt8])? = nil,
        cutting cut: ([UInt8]) -> [[UInt8]] = { [$0] }
    ) -> [UInt8] {
        var rows: [UInt8] = []
        if !samples.isEmpty {
            for pass in (isInterlaced ? Self.passes : Self.onePass) where pass.left < width {
                for y in stride(from: pass.top, to: height, by: pass.stepY) {
                    rows.append(0)
                    rows += packed(row(y, from: pass.left, by: pass.stepX))
                }
            }
        }
        let size = [UInt8](big: UInt32(width)) + [UInt8](big: UInt32(height))
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file += chunk("IHDR", size + [UInt8(bits), color, 0, 0, isInterlaced ? 1 : 0])
        if !profile.isEmpty { file += chunk("iCCP", [0x61, 0, 0] + stored(profile)) }
        for (name, content) in chunks { file += chunk(name, content) }
        if !palette.isEmpty { file += chunk("PLTE", palette) }
        if !transparency.isEmpty { file += chunk("tRNS", transparency) }
        if !exif.isEmpty { file += chunk("eXIf", exif) }
        let stream = pack.map { $0(rows) } ?? stored(rows)
        return file + cut(stream).flatMap { chunk("IDAT", $0) } + chunk("IEND", [])
    }

    private typealias Pass = (left: Int, top: Int, stepX: Int, stepY: Int)

    private static let passes: [Pass] = [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ]
    private static let onePass: [Pass] = [(0, 0, 1, 1)]

    private func row(_ y: Int, from left: Int, by step: Int) -> [UInt16] {
        var row: [UInt16] = []
        for x in stride(from: left, to: width, by: step) {
            let start = (y * width + x) * channels
            row += samples[start..<start + channels]
        }
        return row
    }

    private func packed(_ row: [UInt16]) -> [UInt8] {
        guard bits < 16 else { return row.flatMap { [UInt8](big: UInt32($0), 2) } }
        return .packed(row.map { UInt8($0) }, width: row.count, bits: bits)
    }

    /// A zlib stream of one stored block (RFC 1950, RFC 1951).
    private func stored(_ bytes: [UInt8]) -> [UInt8] {
        var low: UInt32 = 1, high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        let count = UInt32(bytes.count)
        return [0x78, 0x01, 0x01] + [UInt8](little: count, 2) + [UInt8](little: ~count, 2) + bytes
            + [UInt8](big: high << 16 | low)
    }

    private func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + content
        return [UInt8](big: UInt32(content.count)) + body + [UInt8](big: checksum(body))
    }

    private func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
    }
}
