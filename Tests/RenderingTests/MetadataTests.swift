import CLCMS
import Imaging
import TestPictures
import Testing

@testable import Codecs
@testable import Rendering

@Suite struct `Metadata of a source` {
    private static let formats: [ImageFormat] = [.jpeg, .png, .webp, .tiff]

    /// A JPEG that lies on its side: 60 × 40 pixels upright, with EXIF and XMP.
    private static func lyingPhoto(_ profile: [UInt8] = []) throws -> [UInt8] {
        let photo = try SourceFile.photo(.jpeg, 40, 60)
        let description = Array("who knows".utf8) + [0, 0, 0]
        var block: [UInt8] = Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 2]
        block += [0x01, 0x0E, 0, 2, 0, 0, 0, UInt8(description.count), 0, 0, 0, 38]
        block += [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0] + [0, 0, 0, 0] + description
        let xmp = Array("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>".utf8)
        var markers = marker(0xE1, Array("Exif\0\0".utf8) + block) + marker(0xE1, xmp)
        if !profile.isEmpty { markers += marker(0xE2, Array("ICC_PROFILE\0".utf8) + [1, 1] + profile) }
        return photo[..<2] + markers + photo[2...]
    }

    private static func marker(_ code: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, code, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 255)] + content
    }

    private static func metadata(_ file: [UInt8]) throws -> PictureMetadata {
        let image = EncodedImage(file)
        return try Renderer.codec(of: image).metadata(of: image)
    }

    private static func keep(_ format: ImageFormat) -> [String: JSONValue] {
        ["format": .string(format.rawValue), "metadata": "keep", "quality": 95]
    }

    private static func strip(_ format: ImageFormat) -> [String: JSONValue] {
        ["format": .string(format.rawValue), "quality": 95]
    }

    @Test(arguments: formats)
    func `is left out unless the plan keeps it`(_ format: ImageFormat) throws {
        for output in [Self.strip(format), Self.strip(format).merging(["metadata": "strip"]) { $1 }] {
            let result = try Renderer().file(Self.lyingPhoto(), ["resize:30x"], output: output)
            #expect(try Self.metadata(result) == PictureMetadata())
        }
    }

    @Test(arguments: formats, [[], ["resize:30x"], ["crop:0:0:50x30", "sepia"], ["trim"]])
    func `is kept, and says what became of the picture`(_ format: ImageFormat, _ steps: [String]) throws {
        let result = try Renderer().file(Self.lyingPhoto(), steps, output: Self.keep(format))
        let found = try Self.metadata(result)
        #expect(found.exif?.image.map(\.tag) == [0x010E])
        #expect(found.exif?.image.first?.value == Array("who knows".utf8) + [0, 0, 0])
        #expect(found.xmp == Array("<x:xmpmeta/>".utf8))
        let header = try Renderer().probe(EncodedImage(result))
        #expect(header.orientation == .upright)
        #expect(header.size.width > header.size.height)
        // The pixels are those of a result without.
        let stripped = try Renderer().file(Self.lyingPhoto(), steps, output: Self.strip(format))
        #expect(try Decoded(result).bytes == Decoded(stripped).bytes)
    }

    @Test(arguments: [ImageFormat.gif, .bmp])
    func `is left out where the format has no place for it`(_ format: ImageFormat) throws {
        let source = try Self.lyingPhoto(TestProfile.wideGamut)
        let kept = try Renderer().file(source, [], output: Self.keep(format))
        #expect(try kept == Renderer().file(source, [], output: Self.strip(format)))
    }

    @Test func `does not make a compressed file larger than its source`() throws {
        let source = try Self.lyingPhoto()
        let upright = try Renderer().file(source, [], output: Self.keep(.jpeg))
        #expect(try Renderer().file(upright, ["compress:95"], output: ["metadata": "keep"]).count <= upright.count)
        let small = try Renderer().file(upright, ["compress:10"], output: ["metadata": "keep"])
        #expect(small.count < upright.count)
        #expect(try Self.metadata(small).xmp != nil)
    }

    @Test(arguments: formats)
    func `is left out of a source that compressing would not make smaller, and its pixels stay`(
        _ format: ImageFormat
    ) throws {
        var output = Self.keep(format)
        output["quality"] = 5
        let source = try Renderer().file(Self.lyingPhoto(), ["resize:300x"], output: output)
        #expect(try Self.metadata(source).exif != nil)
        let result = try Renderer().file(source, ["compress:95"])
        #expect(try Self.metadata(result) == PictureMetadata())
        if format != .tiff { #expect(result.count < source.count) }
        if format == .jpeg || format == .webp { #expect(try Decoded(result).bytes == Decoded(source).bytes) }
    }

    @Test func `is told from what a picture needs`() throws {
        let photo = try SourceFile.photo(.jpeg, 40, 60)
        let extra = Self.marker(0xFE, Array("secret".utf8)) + Self.marker(0xED, Array("Photoshop".utf8))
        let film: [UInt8] = [0, 0, 0, 24] + Array("ftypmp42".utf8)
        #expect(JPEGCodec.withoutMetadata(EncodedImage(photo[..<2] + extra + photo[2...] + film)) == photo)

        let frame = TestGIF(2, 1, indices: [1, 2])
        let animation = TestGIF.animation([frame, frame])
        let comment: [UInt8] = [0x21, 0xFE, 6] + Array("secret".utf8) + [0]
        let xmp: [UInt8] = [0x21, 0xFF, 11] + Array("XMP DataXMP".utf8) + [2] + Array("<>".utf8) + [0]
        let start = 13 + TestGIF.palette.count
        #expect(
            GIFCodec.withoutMetadata(EncodedImage(animation[..<start] + comment + xmp + animation[start...]))
                == animation)

        var png = TestPNG(1, 1, bits: 8, color: 0, samples: [7])
        let plain = png.bytes()
        png.chunks = [("tEXt", Array("Author\0secret".utf8)), ("prVt", [1])]
        #expect(PNGCodec.withoutMetadata(EncodedImage(png.bytes())) == plain)
        png.chunks = [("gAMA", [0, 0, 0xB1, 0x8F])]
        #expect(PNGCodec.withoutMetadata(EncodedImage(png.bytes())) == png.bytes())
    }

    // MARK: - Profiles

    /// Our own files with a profile, so that the pixels are known.
    private static func file(
        _ format: ImageFormat, _ pixelFormat: PixelFormat, _ profile: [UInt8], isOpaque: Bool = true
    ) throws -> [UInt8] {
        let plain = try SourceFile.make(format, 30, 20, pixelFormat, isOpaque: isOpaque) { x, y in
            [UInt8(x * 8), UInt8(y * 12), 90, isOpaque ? 255 : UInt8(255 - x)]
        }
        let image = EncodedImage(plain)
        let rows = try Renderer.codec(of: image).decoder(for: image, DecodeRequest())
        let metadata = PictureMetadata(
            exif: nil, xmp: nil, profile: profile, for: pixelFormat == .gray8 ? .gray : .rgb)
        let bytes = MemoryByteSink()
        let sink = try Codecs.codec(for: format).encoder(
            for: rows.layout, EncodeRequest(OutputOptions(quality: 95), metadata), into: bytes)
        var row = [UInt8](repeating: 0, count: rows.layout.rowByteCount)
        for _ in 0..<rows.layout.size.height {
            try rows.readRow(into: &row)
            try sink.writeRow(row.span)
        }
        try sink.finish()
        return bytes.bytes
    }

    /// The numbers of a file, whatever its profile says they mean.
    private static func numbers(_ file: [UInt8]) throws -> [UInt8] {
        let image = EncodedImage(file)
        var request = DecodeRequest()
        request.keepsProfile = true
        let rows = try Renderer.codec(of: image).decoder(for: image, request)
        var all: [UInt8] = []
        var row = [UInt8](repeating: 0, count: rows.layout.rowByteCount)
        for _ in 0..<rows.layout.size.height {
            try rows.readRow(into: &row)
            all += row
        }
        return all
    }

    @Test(arguments: formats, [ImageFormat.png, .tiff])
    func `a profile stays with the numbers that it is for`(_ from: ImageFormat, _ to: ImageFormat) throws {
        let source = try Self.file(from, .rgba8, TestProfile.wideGamut)
        let kept = try Renderer().file(source, [], output: Self.keep(to))
        #expect(try Self.numbers(kept) == Self.numbers(source))
        #expect(try Self.metadata(kept).profile == EmbeddedProfile(TestProfile.wideGamut, for: .rgb))
        // Without it, they are sRGB's.
        let stripped = try Renderer().file(source, [], output: Self.strip(to))
        #expect(try Self.numbers(stripped) == Decoded(source).bytes)
        #expect(try Self.numbers(stripped) != Self.numbers(source))
    }

    @Test(arguments: ["resize:15x", "sepia", "normalize", "saturate:0"])
    func `operations work on the numbers of the profile`(_ step: String) throws {
        for format in Self.formats {
            let source = try Self.file(format, .rgba8, TestProfile.wideGamut)
            let plain = try Self.file(format, .rgba8, [])
            let kept = try Renderer().file(source, [step], output: Self.keep(format))
            #expect(try Self.numbers(kept) == Decoded(Renderer().file(plain, [step], output: Self.strip(format))).bytes)
            #expect(try Self.metadata(kept).profile != nil)
        }
    }

    @Test(arguments: [["grayscale"], ["grayscale", "blur"]])
    func `a gray result of colours is in sRGB, without a profile`(_ steps: [String]) throws {
        let source = try Self.file(.png, .rgba8, TestProfile.wideGamut)
        let kept = try Renderer().file(source, steps, output: Self.keep(.png))
        #expect(try kept == Renderer().file(source, steps, output: Self.strip(.png)))
    }

    @Test(arguments: [
        (["brightness:1.2"], ImageFormat.png, true), (["grayscale"], .tiff, true), (["tint:#ff0000"], .png, false),
        (["pad:1:1:1:1"], .png, false), ([], .webp, false), (["resize:7x"], .jpeg, true),
    ])
    func `a gray profile goes with gray results alone`(
        _ steps: [String], _ format: ImageFormat, _ isKept: Bool
    ) throws {
        let source = try Self.file(.png, .gray8, TestProfile.gray)
        let kept = try Renderer().file(source, steps, output: Self.keep(format))
        #expect(try (Self.metadata(kept).profile != nil) == isKept)
        let stripped = try Renderer().file(source, steps, output: Self.strip(format))
        #expect(try (Self.numbers(kept) == Self.numbers(stripped)) == !isKept)
    }

    @Test func `goes with an animation from WebP to WebP`() throws {
        let size = Size(width: 16, height: 16)
        let bytes = MemoryByteSink()
        let profile = EmbeddedProfile(TestProfile.wideGamut, for: .rgb)
        let metadata = PictureMetadata(
            exif: nil, xmp: Array("<x/>".utf8), profile: TestProfile.wideGamut, for: .rgb)
        let sink = try WebPCodec.frameEncoder(
            for: size, playCount: 0, EncodeRequest(OutputOptions(), metadata), into: bytes)
        for level in [40, 200] as [UInt8] {
            try sink.writeFrame((0..<size.area).flatMap { _ in [level, 20, 90, 255] }, milliseconds: 100)
        }
        try sink.finish()
        let kept = try Renderer().file(bytes.bytes, ["flip"], output: ["metadata": "keep"])
        #expect(try Self.metadata(kept).profile == profile)
        #expect(try Self.metadata(kept).xmp == Array("<x/>".utf8))
        #expect(try WebPCodec.facts(of: EncodedImage(kept)).frameCount == 2)
        let stripped = try Renderer().file(bytes.bytes, ["flip"])
        #expect(try Self.metadata(stripped) == PictureMetadata())
        #expect(try WebPCodec.facts(of: EncodedImage(stripped)).frameCount == 2)
    }
}

/// Profiles by Little CMS.
enum TestProfile {
    /// Display P3's primaries with a gamma of 1.8.
    static let wideGamut: [UInt8] = {
        var white = cmsCIExyY(x: 0.3127, y: 0.3290, Y: 1)
        var primaries = cmsCIExyYTRIPLE(
            Red: cmsCIExyY(x: 0.680, y: 0.320, Y: 1), Green: cmsCIExyY(x: 0.265, y: 0.690, Y: 1),
            Blue: cmsCIExyY(x: 0.150, y: 0.060, Y: 1))
        let curve = unsafe cmsBuildGamma(nil, 1.8)
        return unsafe bytes(cmsCreateRGBProfile(&white, &primaries, [curve, curve, curve]))
    }()

    static let gray: [UInt8] = {
        unsafe bytes(cmsCreateGrayProfile(cmsD50_xyY(), cmsBuildGamma(nil, 1.8)))
    }()

    private static func bytes(_ profile: cmsHPROFILE?) -> [UInt8] {
        var count: cmsUInt32Number = 0
        unsafe cmsSaveProfileToMem(profile, nil, &count)
        var bytes = [UInt8](repeating: 0, count: Int(count))
        unsafe cmsSaveProfileToMem(profile, &bytes, &count)
        return bytes
    }
}
