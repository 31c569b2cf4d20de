/// Writes GIF files of four colours without compression: a clear code before each pixel keeps all codes at three bits.
package struct TestGIF {
    package let width, height: Int
    package let indices: [Int]
    package var isInterlaced = false
    package var version = "89a"
    package var transparentIndex: Int?
    /// In hundredths of a second.
    package var delay = 0
    /// As the control block has it: 1 keeps the frame, 2 clears it, 3 brings back what was there.
    package var disposal = 0
    /// How many pixels there are codes for; all where left out.
    package var pixelCount = Int.max
    /// Whether a code says that no more follow.
    package var hasEndCode = true
    /// Canvas, and the frame's place on it.
    package var canvas: (width: Int, height: Int)
    package var left = 0
    package var top = 0
    package var usesLocalPalette = false

    /// Black, red, green, white.
    package static let palette: [UInt8] = [0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255, 255]

    package init(_ width: Int, _ height: Int, indices: [Int], isInterlaced: Bool = false) {
        (self.width, self.height, self.indices, self.isInterlaced) = (width, height, indices, isInterlaced)
        canvas = (width, height)
    }

    package var bytes: [UInt8] { start + frame + [0x3B] }

    /// A file of several frames, on the canvas of the first.
    ///
    /// - Parameter repeats: as the file says it: 0 for ever; `nil` says nothing.
    package static func animation(_ frames: [TestGIF], repeats: Int? = 0) -> [UInt8] {
        let loop = repeats.map { count in
            [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8) + [3, 1] + [UInt8](little: UInt32(count), 2) + [0]
        }
        return frames[0].start + (loop ?? []) + frames.flatMap(\.frame) + [0x3B]
    }

    /// The header and the file's palette.
    private var start: [UInt8] {
        var file = Array("GIF\(version)".utf8) + size(canvas.width) + size(canvas.height)
        file += [usesLocalPalette ? 0 : 0x81, 0, 0]
        if !usesLocalPalette { file += Self.palette }
        return file
    }

    private var frame: [UInt8] {
        var file: [UInt8] = []
        if transparentIndex != nil || delay != 0 || disposal != 0 {
            file += [0x21, 0xF9, 4, UInt8(disposal << 2 | (transparentIndex == nil ? 0 : 1))]
            file += size(delay) + [UInt8(transparentIndex ?? 0), 0]
        }
        file += [0x2C] + size(left) + size(top) + size(width) + size(height)
        file += [(usesLocalPalette ? 0x81 : 0) | (isInterlaced ? 0x40 : 0)]
        if usesLocalPalette { file += Self.palette }
        file += [2]
        let codes = compressed
        for start in stride(from: 0, to: codes.count, by: 255) {
            let block = codes[start..<min(start + 255, codes.count)]
            file += [UInt8(block.count)] + block
        }
        return file + [0]
    }

    private func size(_ value: Int) -> [UInt8] { [UInt8](little: UInt32(value), 2) }

    /// Codes of three bits, the first in the lowest bits: 4 clears, 5 ends.
    private var compressed: [UInt8] {
        let rows =
            isInterlaced
            ? [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { Array(stride(from: $0, to: height, by: $1)) }
            : Array(0..<height)
        let pixels = rows.flatMap { y in (0..<width).map { x in indices[y * width + x] } }
        let codes = pixels.prefix(pixelCount).flatMap { [4, $0] } + (hasEndCode ? [5] : [])
        var bytes = [UInt8](repeating: 0, count: (codes.count * 3 + 7) / 8)
        for (i, code) in codes.enumerated() {
            for bit in 0..<3 where code >> bit & 1 == 1 { bytes[(i * 3 + bit) / 8] |= 1 << UInt8((i * 3 + bit) % 8) }
        }
        return bytes
    }
}
