import Imaging
import TestPictures
import Testing

@testable import Codecs

@Suite struct `PNG` {
    /// Every type and depth of the specification's table 11.1.
    static let kinds: [(color: UInt8, bits: Int)] = [
        (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16),
        (6, 8),
        (6, 16),
    ]

    static let palette: [UInt8] = (0..<256).flatMap { [UInt8($0), UInt8(255 - $0), UInt8($0 ^ 0x55)] }

    /// What the specification says a sample is in 8 bits: its share of the largest, rounded (section 12.4).
    static func scaled(_ sample: UInt16, _ bits: Int) -> UInt8 {
        let largest = Double(1 << bits - 1)
        return UInt8((Double(sample) * 255 / largest).rounded())
    }

    static func expected(_ png: TestPNG, transparent: [UInt16]? = nil) -> [UInt8] {
        let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][png.color] ?? 0
        return stride(from: 0, to: png.samples.count, by: channels).flatMap { start -> [UInt8] in
            let pixel = Array(png.samples[start..<start + channels])
            let levels = pixel.map { scaled($0, png.bits) }
            let keyed: UInt8 = pixel == transparent ? 0 : 255
            switch png.color {
            case 0: return transparent == nil ? levels : [levels[0], levels[0], levels[0], keyed]
            case 2: return levels + [keyed]
            case 3:
                let index = Int(pixel[0])
                let alpha = index < png.transparency.count ? png.transparency[index] : 255
                return Array(palette[index * 3..<index * 3 + 3]) + [alpha]
            case 4: return [levels[0], levels[0], levels[0], levels[1]]
            default: return levels
            }
        }
    }

    static func sample(_ kind: (color: UInt8, bits: Int)) -> TestPNG {
        // 7 × 5 leaves rows that end within a byte and passes without pixels.
        let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][kind.color] ?? 0
        let samples = (0..<35 * channels).map { $0 * 7919 + $0 * $0 * 31 }
        var png = TestPNG(7, 5, bits: kind.bits, color: kind.color, samples: samples)
        if kind.color == 3 { png.palette = Array(palette.prefix(3 << kind.bits)) }
        return png
    }

    @Test(arguments: kinds, [false, true])
    func `every type and depth is read, interlaced or not`(_ kind: (color: UInt8, bits: Int), _ isInterlaced: Bool)
        throws
    {
        let png = Self.sample(kind)
        let bytes = png.bytes(isInterlaced: isInterlaced)
        let picture = try Picture(decoding: bytes)
        #expect(picture.pixels == Self.expected(png))
        #expect(picture.layout.isOpaque == (kind.color < 4))
        let header = try header(of: bytes)
        #expect(header.storedSize == Size(width: 7, height: 5))
        #expect(header.isGray == (kind.color == 0 || kind.color == 4))
        #expect(header.hasAlpha == (kind.color >= 4))
        #expect(header.needsWholePicture == isInterlaced)
    }

    @Test(arguments: kinds.filter { $0.color == 0 || $0.color == 2 })
    func `one colour can be transparent`(_ kind: (color: UInt8, bits: Int)) throws {
        var png = Self.sample(kind)
        let key = Array(png.samples.prefix(kind.color == 0 ? 1 : 3))
        png.transparency = key.flatMap { [UInt8](big: UInt32($0), 2) }
        let picture = try Picture(decoding: png.bytes())
        #expect(picture.pixels == Self.expected(png, transparent: key))
        #expect(picture.pixels[3] == 0)
        #expect(try header(of: png.bytes()).hasAlpha)
    }

    @Test func `a palette can have alpha, for its first colours alone`() throws {
        var png = Self.sample((3, 8))
        png.transparency = (0..<100).map { UInt8($0 * 2) }
        #expect(try Picture(decoding: png.bytes()).pixels == Self.expected(png))
    }

    @Test func `the passes of an interlaced file are read until a checkpoint says no`() throws {
        struct Stop: Error {}
        let bytes = TestPNG(3, 400, bits: 8, color: 0, samples: (0..<1200).map { $0 % 256 }).bytes(isInterlaced: true)
        var calls = 0
        _ = try PNGReader(EncodedImage(bytes)).readAll { calls += 1 }
        #expect(calls == 7 * 25)
        calls = 0
        #expect(throws: Stop.self) {
            try PNGReader(EncodedImage(bytes)).readAll {
                calls += 1
                if calls == 30 { throw Stop() }
            }
        }
        #expect(calls == 30)
    }

    @Test func `a wrong checksum of the pixels is refused`() throws {
        let bytes = Self.sample((2, 8)).bytes()
        // The end chunk has 12 bytes; the last of the pixels' checksum is before it.
        let last = bytes.count - 13
        #expect(throws: DecodeError.self) {
            try Picture(decoding: bytes.replacing(last..<last + 1, with: [bytes[last] ^ 1]))
        }
    }

    @Test func `a photo is filtered, a drawing is not`() throws {
        var noise: UInt32 = 1
        let photo = Picture(100, 100, .rgba8, isOpaque: true) { x, y in
            noise = noise &* 1_664_525 &+ 1_013_904_223
            let shade = UInt8(x + y) + UInt8(noise >> 30)
            return [shade, shade / 2, 255 - shade, 255]
        }
        let drawing = Picture(100, 100, .rgba8, isOpaque: true) { x, y in
            (x / 10 * 7 + y / 10 * 3) % 5 == 0 ? [200, 30, 30, 255] : [255, 255, 255, 255]
        }
        // Unfiltered, the noise of each channel alone would take more than a byte a pixel.
        let photoCount = try photo.encoded(.png).count
        #expect(photoCount < 14_000)
        #expect(try drawing.encoded(.png).count < 800)
    }
}
