import Imaging
import TestPictures
import Testing

@testable import Codecs

@Suite struct `The facts of a file` {
    @Test(
        arguments: [
            (0, 1, ColorMode.gray), (0, 2, .gray), (0, 4, .gray), (0, 8, .gray), (0, 16, .gray), (2, 8, .rgb),
            (2, 16, .rgb), (3, 1, .palette), (3, 4, .palette), (3, 8, .palette), (4, 8, .grayAlpha),
            (4, 16, .grayAlpha), (6, 8, .rgba), (6, 16, .rgba),
        ] as [(UInt8, Int, ColorMode)])
    func `name a PNG's colours and bits`(_ color: UInt8, _ bits: Int, _ mode: ColorMode) throws {
        var png = TestPNG(1, 1, bits: bits, color: color, samples: [0, 0, 0, 0])
        if color == 3 { png.palette = [1, 2, 3] }
        #expect(try facts(of: png.bytes()) == ImageFacts(mode, bitDepth: bits))
    }

    @Test func `name a JPEG's colours`() throws {
        #expect(try facts(of: Picture.sample(9, 9, .gray).encoded(.jpeg)) == ImageFacts(.gray, bitDepth: 8))
        #expect(try facts(of: Picture.sample(9, 9, .opaque).encoded(.jpeg)) == ImageFacts(.rgb, bitDepth: 8))
        #expect(try facts(of: Fixtures.cmykJPEG) == ImageFacts(.cmyk, bitDepth: 8))
    }

    @Test func `name a WebP's colours`() throws {
        #expect(try facts(of: Picture.sample(9, 9, .opaque).encoded(.webp)) == ImageFacts(.rgb, bitDepth: 8))
        #expect(try facts(of: Picture.sample(9, 9, .transparent).encoded(.webp)) == ImageFacts(.rgba, bitDepth: 8))
    }

    @Test(arguments: [1, 4, 8])
    func `name the bits of a bitmap's palette`(_ bits: Int) throws {
        let bmp = TestBMP(bits: bits, palette: TestBMP.primaries, rows: [0, 0, 0, 0])
        #expect(try facts(of: bmp.bytes) == ImageFacts(.palette, bitDepth: bits))
    }

    @Test func `name a bitmap's colours`() throws {
        #expect(try facts(of: TestBMP(bits: 24, rows: [0, 0, 0, 0]).bytes) == ImageFacts(.rgb, bitDepth: 8))
        #expect(try facts(of: TestBMP(bits: 16, rows: [0, 0, 0, 0]).bytes) == ImageFacts(.rgb, bitDepth: 5))
        let uneven = TestBMP(
            bits: 16, compression: 3, masks: [0xF800, 0x07E0, 0x001F], rows: [0, 0, 0, 0])
        #expect(try facts(of: uneven.bytes) == ImageFacts(.rgb, bitDepth: nil))
    }

    @Test func `name a TIFF's colours and bits`() throws {
        let samples = [UInt8](repeating: 0, count: 8)
        #expect(
            try facts(of: TestTIFF(1, 1, bits: [16], samples: samples).bytes) == ImageFacts(.gray, bitDepth: 16))
        #expect(
            try facts(of: TestTIFF(1, 1, bits: [8, 8, 8], photometric: 2, samples: samples).bytes)
                == ImageFacts(.rgb, bitDepth: 8))
        var cmyk = TestTIFF(1, 1, bits: [8, 8, 8, 8], photometric: 5, samples: samples)
        #expect(try facts(of: cmyk.bytes) == ImageFacts(.cmyk, bitDepth: 8))
        cmyk.entries[262] = .short([2])
        cmyk.entries[338] = .short([2])
        #expect(try facts(of: cmyk.bytes) == ImageFacts(.rgba, bitDepth: 8))
        #expect(try facts(of: Fixtures.bigTIFF).colorMode == .rgb)
    }

    // MARK: - Frames

    /// A GIF of 2 × 1 pixels with as many frames.
    private static func gif(frames: Int) -> [UInt8] {
        var gif = TestGIF(2, 1, indices: [1, 2])
        gif.transparentIndex = 0
        let file = gif.bytes
        // After the header and its palette of four colours comes the first frame, before the last byte the next.
        let frame = file[25..<file.count - 1]
        return file[..<25] + (0..<frames).flatMap { _ in frame } + [0x3B]
    }

    @Test(arguments: [1, 2, 300])
    func `count a GIF's frames`(_ count: Int) throws {
        #expect(try facts(of: Self.gif(frames: count)) == ImageFacts(.palette, bitDepth: 2, frameCount: count))
    }

    @Test func `count what there is of a GIF that is cut`() throws {
        let file = Self.gif(frames: 3)
        for count in 60..<file.count { #expect((1...3).contains(Self.gifFrames(Array(file[..<count])))) }
        #expect(Self.gifFrames([]) == 1)
    }

    @Test func `count a WebP's frames`() throws {
        #expect(try facts(of: Fixtures.animatedWebP).frameCount > 1)
        #expect(try facts(of: Fixtures.losslessWebP).frameCount == 1)
    }

    /// The chunk that counts them follows the header, which ends at 33.
    @Test(arguments: [(2, 2), (0, 1), (1, 1)] as [(UInt32, Int)])
    func `count an animated PNG's frames`(_ written: UInt32, _ expected: Int) {
        let png = TestPNG(2, 1, bits: 8, color: 0, samples: [1, 2]).bytes()
        let chunk = [UInt8](big: 8) + Array("acTL".utf8) + [UInt8](big: written) + [UInt8](big: 0, 4) + [0, 0, 0, 0]
        #expect(Self.pngFrames(png.inserting(chunk, at: 33)) == expected)
        #expect(Self.pngFrames(png) == 1)
        // A length that leads outside.
        #expect(Self.pngFrames(png.replacing(8..<12, with: [255, 255, 255, 255])) == 1)
    }

    private static func pngFrames(_ file: [UInt8]) -> Int { PNGFrames.count(in: file.span) }

    private static func gifFrames(_ file: [UInt8]) -> Int { GIFFrames.count(in: file.span) }
}
