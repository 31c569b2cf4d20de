import Codecs
import Imaging
import TestPictures
import Testing

@Suite struct `BMP` {
    static let red: [UInt8] = [255, 0, 0, 255], green: [UInt8] = [0, 255, 0, 255], blue: [UInt8] = [0, 0, 255, 255]
    static let black: [UInt8] = [0, 0, 0, 255]

    @Test(arguments: [12, 16, 40, 52, 56, 64, 108, 124])
    func `every header is read, rows from the bottom up`(_ headerSize: Int) throws {
        let bmp = TestBMP(
            width: 1, height: 2, bits: 24, headerSize: headerSize, rows: [0, 0, 255, 0, 255, 0, 0, 0])
        #expect(try Picture(decoding: bmp.bytes).pixels == Self.blue + Self.red)
    }

    @Test func `a negative height turns the rows over`() throws {
        let bmp = TestBMP(width: 1, height: -2, rows: [0, 0, 255, 0, 255, 0, 0, 0])
        #expect(try Picture(decoding: bmp.bytes).pixels == Self.red + Self.blue)
    }

    @Test(arguments: [1, 2, 4, 8])
    func `palette indices of every width are read`(_ bits: Int) throws {
        let indices = (0..<11).map { UInt8($0 % min(3, 1 << bits)) }
        var row = [UInt8].packed(indices, width: 11, bits: bits)
        row += [UInt8](repeating: 0, count: (4 - row.count % 4) % 4)
        let bmp = TestBMP(width: 11, height: 1, bits: bits, colorsUsed: 3, palette: TestBMP.primaries, rows: row)
        let colors = [Self.red, Self.green, Self.blue]
        #expect(try Picture(decoding: bmp.bytes).pixels == indices.flatMap { colors[Int($0)] })
    }

    @Test func `a core header has a palette of three bytes a colour`() throws {
        let bmp = TestBMP(
            width: 2, height: 1, bits: 1, headerSize: 12, palette: [0, 0, 255, 255, 0, 0], rows: [0x40, 0, 0, 0])
        #expect(try Picture(decoding: bmp.bytes).pixels == Self.red + Self.blue)
    }

    @Test func `an index without a colour is black, and a palette that is cut is as long as it is`() throws {
        let bmp = TestBMP(width: 4, height: 1, bits: 8, palette: TestBMP.primaries, rows: [0, 2, 3, 255])
        #expect(try Picture(decoding: bmp.bytes).pixels == Self.red + Self.blue + Self.black + Self.black)
    }

    @Test func `a gray palette makes a gray picture`() throws {
        let palette: [UInt8] = (0..<4).flatMap { [$0 * 80, $0 * 80, $0 * 80, 0] }
        let bmp = TestBMP(width: 4, height: 1, bits: 8, colorsUsed: 4, palette: palette, rows: [3, 0, 1, 2])
        #expect(try Picture(decoding: bmp.bytes).pixels == [240, 0, 80, 160])
        #expect(try header(of: bmp.bytes).isGray)
    }

    /// 5 bits to 8: `v × 255 / 31`, rounded; 6 bits: `v × 255 / 63`.
    @Test func `16 bits have five a channel, or what the masks say`() throws {
        let usual = TestBMP(
            width: 2, height: 1, bits: 16, rows: [UInt8](little: 0x7C01, 2) + [UInt8](little: 0x0210, 2))
        #expect(try Picture(decoding: usual.bytes).pixels == [255, 0, 8, 255, 0, 132, 132, 255])
        var masked = usual
        (masked.compression, masked.masks) = (3, [0xF800, 0x07E0, 0x001F])
        #expect(try Picture(decoding: masked.bytes).pixels == [123, 130, 8, 255, 0, 65, 132, 255])
    }

    @Test func `32 bits have alpha only where a mask says so`() throws {
        let pixels: [UInt8] = [0, 0, 255, 128, 255, 0, 0, 0]
        let plain = TestBMP(width: 2, height: 1, bits: 32, rows: pixels)
        #expect(try Picture(decoding: plain.bytes).pixels == Self.red + Self.blue)
        let masked = TestBMP(
            width: 2, height: 1, bits: 32, headerSize: 124, compression: 3,
            masks: [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000], rows: pixels)
        // Masks of long headers follow the field of important colours, where the builder puts them.
        #expect(try Picture(decoding: masked.bytes).pixels == [255, 0, 0, 128, 0, 0, 255, 0])
        #expect(try header(of: masked.bytes).hasAlpha)
    }

    @Test func `alpha that is 0 everywhere is not meant`() throws {
        let bmp = TestBMP(
            width: 2, height: 1, bits: 32, headerSize: 124, compression: 3,
            masks: [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000], rows: [0, 0, 255, 0, 255, 0, 0, 0])
        let picture = try Picture(decoding: bmp.bytes)
        #expect(picture.layout.isOpaque)
        #expect(picture.pixels == Self.red + Self.blue)
    }

    @Test func `run lengths of 8 bits are read`() throws {
        let (red, green, blue) = (Self.red, Self.green, Self.blue)
        #expect(
            try Picture(decoding: TestBMP.runLength8).pixels == blue + red + green + green + green + green + red + red)
        #expect(try header(of: TestBMP.runLength8).needsWholePicture)
    }

    @Test func `run lengths of 4 bits, plain runs and jumps are read`() throws {
        // Three alternating 1 2 1; five plain 0 1 2 0 1 in three bytes and one of padding; a jump by 1 to the next row; one 2.
        let bmp = TestBMP(
            width: 9, height: 2, bits: 4, compression: 2, colorsUsed: 3, palette: TestBMP.primaries,
            rows: [3, 0x12, 0, 5, 0x01, 0x20, 0x10, 0, 0, 2, 0, 1, 1, 0x20, 0, 1])
        let bottom = [1, 2, 1, 0, 1, 2, 0, 1, 0], top = [0, 0, 0, 0, 0, 0, 0, 0, 2]
        let colors = [Self.red, Self.green, Self.blue]
        #expect(try Picture(decoding: bmp.bytes).pixels == (top + bottom).flatMap { colors[$0] })
    }

    @Test func `run lengths that leave the picture draw nothing outside`() throws {
        var bmp = TestBMP(width: 4, height: 2, bits: 8, compression: 1, colorsUsed: 3, palette: TestBMP.primaries)
        bmp.rows = [255, 1, 0, 0, 0, 2, 255, 255, 255, 2, 0, 1]
        let pixels = try Picture(decoding: bmp.bytes).pixels
        #expect(
            pixels == [Self.red, Self.red, Self.red, Self.red].flatMap(\.self) + (0..<4).flatMap { _ in Self.green })
    }

    @Test(arguments: [(24, 1), (8, 2), (5, 0), (24, 4), (24, 3)])
    func `depths that do not fit the compression are refused`(_ bits: Int, _ compression: Int) {
        let bmp = TestBMP(bits: bits, compression: compression, palette: TestBMP.primaries, rows: [0, 0, 0, 0])
        #expect(throws: DecodeError.self) { try header(of: bmp.bytes) }
    }
}
