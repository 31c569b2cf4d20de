/// Writes bitmaps of any header, depth and compression.
struct TestBMP {
    var width = 1
    /// Negative for top-down files.
    var height = 1
    var bits = 24
    var headerSize = 40
    var compression = 0
    var colorsUsed = 0
    /// Blue, green, red and, except in core headers, an unused byte.
    var palette: [UInt8] = []
    var masks: [UInt32] = []
    /// Rows in the order of the file, padded.
    var rows: [UInt8] = []

    var bytes: [UInt8] {
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
    static let primaries: [UInt8] = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0]

    /// 4 × 2 pixels: green green red red below blue red green green.
    static let runLength8 = TestBMP(
        width: 4, height: 2, bits: 8, compression: 1, colorsUsed: 3, palette: primaries,
        rows: [2, 1, 2, 0, 0, 0, 0, 4, 2, 0, 1, 1, 0, 1]
    ).bytes
}
