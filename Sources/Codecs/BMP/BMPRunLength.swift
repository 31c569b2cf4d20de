import Imaging

/// The run-length codes of 4 and 8 bits ("Bitmap Compression", Windows GDI).
enum BMPRunLength {
    /// Decodes the whole picture. What the codes skip stays index 0.
    ///
    /// - Returns: one index a pixel, the bottom row first, as the file has it.
    /// - Throws: ``DecodeError/truncated`` where the bytes end before the end mark and the last row.
    static func indices(_ header: BMPHeader, _ bytes: Span<UInt8>) throws(DecodeError) -> [UInt8] {
        let layout = RowLayout(size: header.size, format: .gray8, isOpaque: true)
        var canvas = Canvas(
            size: header.size, indices: [UInt8](repeating: 0, count: try layout.pictureByteCount(in: .bmp)))
        let isNibbles = header.compression == .runLength4
        var position = header.pixelOffset
        while position + 1 < bytes.count {
            let count = Int(bytes[position]), value = bytes[position + 1]
            position += 2
            if count > 0 {
                canvas.put(count) { i in isNibbles ? nibble(value, i) : value }
                continue
            }
            switch value {
            case 0: canvas.endRow()
            case 1: return canvas.indices
            case 2:
                guard position + 1 < bytes.count else { throw .truncated }
                canvas.skip(x: Int(bytes[position]), y: Int(bytes[position + 1]))
                position += 2
            default:
                let length = isNibbles ? (Int(value) + 1) / 2 : Int(value)
                guard position + length <= bytes.count else { throw .truncated }
                canvas.put(Int(value)) { i in
                    isNibbles ? nibble(bytes[position + i / 2], i) : bytes[position + i]
                }
                // Padded to an even number of bytes.
                position += length + length % 2
            }
        }
        guard canvas.isFull else { throw .truncated }
        return canvas.indices
    }

    private static func nibble(_ byte: UInt8, _ i: Int) -> UInt8 { i % 2 == 0 ? byte >> 4 : byte & 15 }

    /// Where the codes draw; what they put outside is dropped.
    private struct Canvas {
        let size: Size
        var indices: [UInt8]
        private var x = 0
        private var y = 0

        init(size: Size, indices: [UInt8]) {
            self.size = size
            self.indices = indices
        }

        var isFull: Bool { y >= size.height || y == size.height - 1 && x >= size.width }

        mutating func put(_ count: Int, _ index: (Int) -> UInt8) {
            if y < size.height, x < size.width {
                for i in 0..<min(count, size.width - x) { indices[y * size.width + x + i] = index(i) }
            }
            x += count
        }

        mutating func endRow() {
            x = 0
            y += 1
        }

        mutating func skip(x: Int, y: Int) {
            self.x += x
            self.y += y
        }
    }
}
