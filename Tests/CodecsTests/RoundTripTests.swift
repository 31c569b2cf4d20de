import Codecs
import Imaging
import Testing

@Suite struct `Round trips` {
    static let sizes = [Size(width: 1, height: 1), Size(width: 3, height: 70), Size(width: 67, height: 33)]

    @Test(arguments: [ImageFormat.png, .tiff], Picture.Kind.allCases)
    func `lossless formats give back every pixel`(_ format: ImageFormat, _ kind: Picture.Kind) throws {
        for size in Self.sizes {
            for effort in [OutputOptions.Effort.balanced, .strongest] {
                let picture = Picture.sample(size.width, size.height, kind)
                let result = try Picture(decoding: picture.encoded(format) { $0.effort = effort })
                #expect(result == picture)
            }
        }
    }

    @Test(arguments: [Picture.Kind.gray, .opaque])
    func `a bitmap gives back every opaque pixel`(_ kind: Picture.Kind) throws {
        for size in Self.sizes {
            let picture = Picture.sample(size.width, size.height, kind)
            #expect(try Picture(decoding: picture.encoded(.bmp)) == picture)
        }
    }

    /// JPEG at quality 90 loses nothing but rounding and high frequencies in so smooth a picture: the edge alone costs about
    /// 40 dB. WebP halves the chroma, which smears the edge's colour.
    @Test(arguments: [(ImageFormat.jpeg, 36.0), (.webp, 28.0)], Picture.Kind.allCases)
    func `lossy formats stay close`(_ expected: (format: ImageFormat, decibels: Double), _ kind: Picture.Kind) throws {
        let picture = Picture.sample(67, 33, kind)
        let result = try Picture(decoding: picture.encoded(expected.format) { $0.quality = 95 })
        #expect(result.layout.size == picture.layout.size)
        #expect(picture.similarity(to: result) >= expected.decibels)
    }

    @Test func `a gray JPEG stays gray`() throws {
        let bytes = try Picture.sample(20, 20, .gray).encoded(.jpeg)
        #expect(try Picture(decoding: bytes).layout.format == .gray8)
        #expect(try header(of: bytes).isGray)
    }

    @Test func `chroma is halved below quality 90 only`() throws {
        // The sampling factors of the first component, in the frame header after its length, precision, sides and count.
        func sampling(_ quality: Int) throws -> UInt8? {
            let bytes = try Picture.sample(20, 20, .opaque).encoded(.jpeg) { $0.quality = quality }
            return bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }.map { bytes[$0 + 11] }
        }
        #expect(try sampling(89) == 0x22)
        #expect(try sampling(90) == 0x11)
    }

    @Test func `GIF keeps gray, and colours that fit a palette, exactly`() throws {
        let gray = Picture.sample(67, 33, .gray)
        #expect(try Picture(decoding: gray.encoded(.gif)) == gray)
        let few = Picture(40, 30, .rgba8, isOpaque: true) { x, y in [UInt8(x * 6), UInt8(y / 6 * 40), 7, 255] }
        #expect(try Picture(decoding: few.encoded(.gif)) == few)
    }

    /// 4096 colours in 256: a cube of 6 levels a channel would leave errors of up to 25, 24 dB.
    @Test func `GIF finds good colours for many`() throws {
        let many = Picture(64, 64, .rgba8, isOpaque: true) { x, y in
            [UInt8(x * 4), UInt8(y * 4), UInt8((x ^ y) * 4), 255]
        }
        let balanced = try many.encoded(.gif), strongest = try many.encoded(.gif) { $0.effort = .strongest }
        #expect(try many.similarity(to: Picture(decoding: balanced)) > 28)
        #expect(strongest.count < balanced.count * 9 / 10)
    }

    @Test func `without dithering a colour is the same wherever it stands`() throws {
        // More colours than a palette has, in which each row is the one before it.
        let picture = Picture(300, 20, .rgba8, isOpaque: true) { x, _ in
            [UInt8(x * 255 / 299), UInt8(255 - x * 200 / 299), UInt8(x % 97), 255]
        }
        let rows = { (dithers: Bool) in
            let decoded = try Picture(decoding: picture.encoded(.gif) { $0.dithers = dithers })
            return Set((0..<20).map { y in (0..<300).map { x in decoded.pixel(x, y) } })
        }
        #expect(try rows(false).count == 1)
        #expect(try rows(true).count > 1)
    }

    @Test func `dithering keeps the mean colour of an area`() throws {
        // 300 colours, so the palette must drop some; the area's own colour is rare and far from any other.
        let picture = Picture(32, 64, .rgba8, isOpaque: true) { x, y in
            y < 32 ? [101, 103, 99, 255] : [UInt8(x * 8), UInt8((y - 32) * 8), UInt8(x * y % 256), 255]
        }
        let result = try Picture(decoding: picture.encoded(.gif))
        let reds = (0..<32 * 32).map { Int(result.pixels[$0 * 4]) }
        #expect(abs(reds.reduce(0, +) / reds.count - 101) <= 2)
    }

    @Test func `GIF makes what is less than half opaque transparent`() throws {
        let picture = Picture(4, 1, .rgba8, isOpaque: false) { x, _ in [10, 20, 30, [0, 127, 128, 255][x]] }
        let result = try Picture(decoding: picture.encoded(.gif))
        #expect(result.pixels == [0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 30, 255, 10, 20, 30, 255])
    }

    /// `0.5 × 100 + 0.5 × background`, with an alpha of 128 for the half: (100·128 + 255·127) / 255 = 177.2, and so on.
    @Test func `formats without alpha show the background`() throws {
        let picture = Picture(3, 1, .rgba8, isOpaque: false) { x, _ in [100, 100, 100, [0, 128, 255][x]] }
        let bytes = try picture.encoded(.bmp) { $0.background = Color(red: 255, green: 0, blue: 100) }
        #expect(try Picture(decoding: bytes).pixels == [255, 0, 100, 255, 177, 50, 100, 255, 100, 100, 100, 255])
    }

    @Test func `sides that a format cannot say are refused`() throws {
        let wide = RowLayout(size: Size(width: 70_000, height: 1), format: .gray8, isOpaque: true)
        for (format, limit) in [(ImageFormat.jpeg, 65_500), (.webp, 16_383), (.gif, 65_535)] {
            #expect(throws: EncodeError.tooLarge(format, size: wide.size, limit: limit)) {
                try Codecs.codec(for: format).encoder(for: wide, EncodeRequest(OutputOptions()), into: MemoryByteSink())
            }
        }
    }
}
