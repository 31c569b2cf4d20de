import Codecs
import Imaging
import TestPictures
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
        #expect(try header(of: gif.bytes).heldByteCount == (isInterlaced ? 45 : 0))
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

    /// Seventeen pixels of five a row.
    @Test(arguments: [nil, 3], [false, true])
    func `what is there is shown where the codes end early`(_ transparentIndex: Int?, _ hasEndCode: Bool) throws {
        var gif = TestGIF(5, 9, indices: Self.indices)
        gif.transparentIndex = transparentIndex
        let whole = try Picture(decoding: gif.bytes)
        (gif.pixelCount, gif.hasEndCode) = (17, hasEndCode)
        let picture = try Picture(decoding: gif.bytes)
        #expect(picture.pixels.prefix(17 * 4) == whole.pixels.prefix(17 * 4))
        // The background is black.
        let missing: [UInt8] = transparentIndex == nil ? [0, 0, 0, 255] : [0, 0, 0, 0]
        #expect(Array(picture.pixels.dropFirst(17 * 4)) == (17..<45).flatMap { _ in missing })
    }

    @Test func `of an interlaced frame whose codes end early the first passes are shown`() throws {
        var gif = TestGIF(5, 9, indices: Self.indices, isInterlaced: true)
        gif.transparentIndex = 3
        let whole = try Picture(decoding: gif.bytes)
        gif.pixelCount = 3 * 5
        let picture = try Picture(decoding: gif.bytes)
        // Rows 0 and 8 come first, then 4.
        for y in 0..<9 {
            for x in 0..<5 {
                #expect(picture.pixel(x, y) == ([0, 8, 4].contains(y) ? whole.pixel(x, y) : [0, 0, 0, 0]))
            }
        }
    }

    @Test(arguments: [0, 4], [false, true])
    func `a frame without a whole row is refused`(_ pixelCount: Int, _ hasEndCode: Bool) {
        var gif = TestGIF(5, 9, indices: Self.indices)
        (gif.pixelCount, gif.hasEndCode) = (pixelCount, hasEndCode)
        #expect(throws: DecodeError.self) { try Picture(decoding: gif.bytes) }
    }

    @Test(arguments: [false, true])
    func `frames follow one whose codes end early`(_ hasEndCode: Bool) throws {
        var first = TestGIF(5, 9, indices: Self.indices)
        (first.pixelCount, first.hasEndCode) = (20, hasEndCode)
        let second = TestGIF(5, 9, indices: Self.indices.map { 3 - $0 })
        let source = try GIFCodec.frames(of: EncodedImage(TestGIF.animation([first, second])), DecodeRequest())
        let frames = try [source.nextFrame(), source.nextFrame()].map { try Picture(reading: #require($0).rows) }
        #expect(frames[0].pixels.prefix(80) == Self.indices.prefix(20).flatMap { Self.colors[$0] }[...])
        #expect(frames[1].pixels == Self.indices.flatMap { Self.colors[3 - $0] })
        #expect(try source.nextFrame() == nil)
    }

    /// sRGB's primaries, red and blue having changed places.
    private static let swapped = TestProfile.display(
        [[0.14307, 0.06061, 0.71410], [0.38515, 0.71687, 0.09708], [0.43607, 0.22249, 0.01392]],
        curve: TestProfile.gamma(2.2))

    /// A table of colours, which takes Little CMS some milliseconds to make a transform of.
    private static let table: TestProfile = {
        var table = Array("mft2".utf8) + [UInt8](big: 0) + [3, 3, 2, 0]
        for row in 0..<3 { for column in 0..<3 { table += [UInt8](big: row == column ? 1 << 16 : 0) } }
        let ramp = [UInt8](big: 0, 2) + [UInt8](big: 0xFFFF, 2)
        table += [0, 2, 0, 2] + ramp + ramp + ramp
        table += (0..<24).flatMap { [UInt8](big: $0 * 1000, 2) } + ramp + ramp + ramp
        return TestProfile.display(
            [[0.5, 0.25, 0], [0.3, 0.7, 0], [0.2, 0.05, 0.8]], curve: TestProfile.gamma(2), more: [("A2B0", table)])
    }()

    @Test(.timeLimit(.minutes(1))) func `of any number of profiles the last one counts, and no other is read`() throws {
        let plain = TestGIF(2, 1, indices: [1, 3]).bytes
        let start = 13 + TestGIF.palette.count
        let block = { (profile: TestProfile) in
            let file = profile.gif(plain)
            return Array(file[start..<start + file.count - plain.count])
        }
        let table = block(Self.table), last = block(Self.swapped)
        var blocks: [UInt8] = []
        for number in 0..<10_000 {
            // Its last number, before the end of the blocks, makes each another.
            blocks += table.replacing(table.count - 5..<table.count - 1, with: [UInt8](big: UInt32(number)))
        }
        let file = plain.inserting(blocks + last, at: start)
        #expect(try header(of: file).storedSize == Size(width: 2, height: 1))
        #expect(try Picture(decoding: file).pixels == [0, 0, 255, 255, 255, 255, 255, 255])
    }

    @Test func `a gray palette is gray only where its profile leaves it so`() throws {
        let plain = TestGIF(2, 1, indices: [1, 2]).bytes
        let gray = plain.replacing(13..<25, with: [0, 0, 0, 80, 80, 80, 160, 160, 160, 255, 255, 255])
        let tinted = TestProfile.display([[0.9, 0.1, 0], [0, 0.8, 0], [0, 0.1, 0.3]], curve: TestProfile.gamma(2.2))
        for (file, isGray) in [(gray, true), (tinted.gif(gray), false)] {
            #expect(try header(of: file).isGray == isGray)
            let picture = try Picture(decoding: file)
            #expect(picture.layout.format == (isGray ? .gray8 : .rgba8))
            #expect((picture.pixel(0, 0)[0] == 80) == isGray)
        }
    }

    @Test func `a file without a frame, and one without a palette, are refused`() {
        let start = Array("GIF89a".utf8) + [5, 0, 5, 0, 0, 0, 0]
        #expect(throws: DecodeError.malformed(.gif, reason: "no picture inside")) { try header(of: start + [0x3B]) }
        #expect(throws: DecodeError.malformed(.gif, reason: "no palette")) {
            try header(of: start + [0x2C, 0, 0, 0, 0, 5, 0, 5, 0, 0, 2, 1, 0x2C, 0, 0x3B])
        }
    }
}
