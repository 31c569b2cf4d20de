import Codecs
import Imaging
import Testing

@Suite struct `GIF` {
    static let indices = (0..<45).map { ($0 * 7 + $0 / 5) % 4 }
    static let colors: [[UInt8]] = [[0, 0, 0, 255], [255, 0, 0, 255], [0, 255, 0, 255], [255, 255, 255, 255]]

    @Test(arguments: ["87a", "89a"], [false, true])
    func `both versions are read, interlaced or not`(_ version: String, _ isInterlaced: Bool) throws {
        var gif = TestGIF(5, 9, indices: Self.indices, isInterlaced: isInterlaced)
        gif.version = version
        let picture = try Picture(decoding: gif.bytes)
        #expect(picture.pixels == Self.indices.flatMap { Self.colors[$0] })
        #expect(picture.layout.isOpaque)
        #expect(try header(of: gif.bytes).needsWholePicture == isInterlaced)
    }

    @Test func `a local palette stands in for the global one`() throws {
        var gif = TestGIF(5, 9, indices: Self.indices)
        gif.usesLocalPalette = true
        #expect(try Picture(decoding: gif.bytes).pixels == Self.indices.flatMap { Self.colors[$0] })
    }

    @Test func `one index is transparent`() throws {
        var gif = TestGIF(5, 9, indices: Self.indices)
        gif.transparentIndex = 2
        let picture = try Picture(decoding: gif.bytes)
        #expect(picture.pixels == Self.indices.flatMap { $0 == 2 ? [0, 0, 0, 0] : Self.colors[$0] })
        #expect(try header(of: gif.bytes).hasAlpha)
    }

    @Test(arguments: [false, true])
    func `what the frame leaves free of the canvas is transparent`(_ isInterlaced: Bool) throws {
        var gif = TestGIF(5, 9, indices: Self.indices, isInterlaced: isInterlaced)
        (gif.canvas, gif.left, gif.top) = ((10, 13), 3, 2)
        let picture = try Picture(decoding: gif.bytes)
        #expect(picture.layout == RowLayout(size: Size(width: 10, height: 13), format: .rgba8, isOpaque: false))
        for y in 0..<13 {
            for x in 0..<10 {
                let isInside = (3..<8).contains(x) && (2..<11).contains(y)
                let expected = isInside ? Self.colors[Self.indices[(y - 2) * 5 + x - 3]] : [0, 0, 0, 0]
                #expect(picture.pixel(x, y) == expected)
            }
        }
    }

    @Test(arguments: [(0, 0), (4, 20), (20, 1)])
    func `a canvas that is too small grows to hold the frame`(_ width: Int, _ height: Int) throws {
        var gif = TestGIF(5, 9, indices: Self.indices)
        gif.canvas = (width, height)
        let size = Size(width: max(width, 5), height: max(height, 9))
        #expect(try header(of: gif.bytes).storedSize == size)
        #expect(try Picture(decoding: gif.bytes).pixel(4, 8) == Self.colors[Self.indices[44]])
    }

    @Test func `a file without a frame, and one without a palette, are refused`() {
        let start = Array("GIF89a".utf8) + [5, 0, 5, 0, 0, 0, 0]
        #expect(throws: DecodeError.malformed(.gif, reason: "no picture inside")) { try header(of: start + [0x3B]) }
        #expect(throws: DecodeError.malformed(.gif, reason: "no palette")) {
            try header(of: start + [0x2C, 0, 0, 0, 0, 5, 0, 5, 0, 0, 2, 1, 0x2C, 0, 0x3B])
        }
    }
}
