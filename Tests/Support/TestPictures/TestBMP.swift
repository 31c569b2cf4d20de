/// Writes bitmaps of any header, depth and compression.
package struct TestBMP {
    package var width: Int
    package var height: Int
    package var bits: Int
    package var headerSize: Int
    package var compression: Int
    package var colorsUsed: Int
    package var palette: [UInt8]
    package var masks: [UInt32]
    package var rows: [UInt8]

    /// - Parameters:
    ///   - height: negative for top-down files.
    ///   - palette: blue, green, red and, except in core headers, an unused byte.
    ///   - rows: in the order of the file, padded.
    package init(
        width: Int = 1, height: Int = 1, bits: Int = 24, headerSize: Int = 40, compression: Int = 0,
        colorsUsed: Int = 0, palette: [UInt8] = [], masks: [UInt32] = [], rows: [UInt8] = []
    ) {
        (self.width, self.height, self.bits, self.headerSize) = (width, height, bits, headerSize)
        (self.compression, self.colorsUsed, self.palette) = (compression, colorsUsed, palette)
        (self.masks, self.rows) = (masks, rows)
    }

    package var bytes: [UInt8] {
        var header = [UInt8](little: UInt32(headerSize))
        let sideSize = headerSize == 12 ? 2 : 4
        header += [UInt8](little: UInt32(width), sideSize)
        header += [UInt8](little: UInt32(bitPattern: Int32(height)), sideSize)
        header += [UInt8](little: 1, 2) + [UInt8](little: UInt32(bits), 2)
        if headerSize >= 40 {
            header +=
                [UInt8](little: UInt32(compression)) + [UInt8](little: 0) + [UInt8](little: 0) + [UInt8](little: 0)
            header += [UInt8](little: UInt32(colorsUsed)) + [UInt8](little: 0)
        }
        header += masks.flatMap { [UInt8](little: $0) }
        header += [UInt8](repeating: 0, count: max(0, headerSize - header.count))
        let offset = 14 + header.count + palette.count
        return Array("BM".utf8) + [UInt8](little: UInt32(offset + rows.count)) + [UInt8](little: 0)
            + [UInt8](little: UInt32(offset)) + header + palette + rows
    }

    /// Red, green and blue, as a palette.
    package static let primaries: [UInt8] = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0]

    /// 4 × 2 pixels: green green red red below blue red green green.
    package static let runLength8 = TestBMP(
        width: 4, height: 2, bits: 8, compression: 1, colorsUsed: 3, palette: primaries,
        rows: [2, 1, 2, 0, 0, 0, 0, 4, 2, 0, 1, 1, 0, 1]
    ).bytes
}
