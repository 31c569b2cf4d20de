import Foundation
import Imaging
import TestPictures
import Testing

@testable import Codecs

@Suite struct `Samples of 16 bits` {
    private static func deep(_ file: [UInt8], keepsProfile: Bool = false) throws -> Picture {
        var request = DecodeRequest()
        request.keepsDepth = true
        request.keepsProfile = keepsProfile
        return try Picture(decoding: file, request)
    }

    /// 7 × 5 pixels of so many channels.
    private static func samples(_ channels: Int) -> [Int] {
        (0..<35 * channels).map { ($0 * 7919 + $0 * $0 * 31) % 65_536 }
    }

    /// What samples of gray, gray and alpha, RGB or RGBA become.
    private static func expected(_ samples: [Int], _ channels: Int) -> [Int] {
        stride(from: 0, to: samples.count, by: channels).flatMap { start -> [Int] in
            let pixel = Array(samples[start..<start + channels])
            return switch channels {
            case 1: pixel
            case 2: [pixel[0], pixel[0], pixel[0], pixel[1]]
            case 3: pixel + [65_535]
            default: pixel
            }
        }
    }

    private static func png(_ channels: Int) -> TestPNG {
        TestPNG(7, 5, bits: 16, color: [0, 0, 4, 2, 6][channels], samples: samples(channels))
    }

    private static func tiff(_ channels: Int, isBigEndian: Bool = false) -> TestTIFF {
        var tiff = TestTIFF(
            7, 5, bits: [Int](repeating: 16, count: channels), photometric: channels < 3 ? 1 : 2, samples: [])
        tiff.isBigEndian = isBigEndian
        if channels.isMultiple(of: 2) { tiff.entries[338] = .short([2]) }
        tiff.pixels = samples(channels).flatMap { tiff.number($0, 2) }
        tiff.entries[279] = .long([tiff.pixels.count])
        return tiff
    }

    // MARK: - Reading

    @Test(arguments: 1...4, [false, true])
    func `are read from PNG as they are`(_ channels: Int, _ isInterlaced: Bool) throws {
        let file = Self.png(channels).bytes(isInterlaced: isInterlaced)
        let picture = try Self.deep(file)
        #expect(picture.layout.format == (channels == 1 ? .gray16 : .rgba16))
        #expect(picture.layout.isOpaque == (channels % 2 == 1))
        #expect(picture.levels == Self.expected(Self.samples(channels), channels))
        #expect(try header(of: file).isDeep)
    }

    @Test(arguments: [1, 3])
    func `of one transparent colour differ from those of its neighbours`(_ channels: Int) throws {
        var png = Self.png(channels)
        let key = Array(png.samples[..<channels])
        png.transparency = key.flatMap { [UInt8](big: UInt32($0), 2) }
        let levels = try Self.deep(png.bytes()).levels
        let pixels = stride(from: 0, to: png.samples.count, by: channels).map { Array(png.samples[$0..<$0 + channels]) }
        for (x, pixel) in pixels.enumerated() {
            let colors = channels == 1 ? [Int](repeating: Int(pixel[0]), count: 3) : pixel.map { Int($0) }
            #expect(Array(levels[x * 4..<x * 4 + 4]) == colors + [pixel == key ? 0 : 65_535])
        }
    }

    @Test(arguments: 1...4, [false, true])
    func `are read from TIFF as they are`(_ channels: Int, _ isBigEndian: Bool) throws {
        let file = Self.tiff(channels, isBigEndian: isBigEndian).bytes
        let picture = try Self.deep(file)
        #expect(picture.layout.format == (channels == 1 ? .gray16 : .rgba16))
        #expect(picture.levels == Self.expected(Self.samples(channels), channels))
        #expect(try header(of: file).isDeep)
    }

    @Test func `are read from a TIFF's planes, and where 0 is white`() throws {
        let samples = Self.samples(3)
        var apart = Self.tiff(3)
        apart.pixels = (0..<3).flatMap { channel in (0..<35).flatMap { apart.number(samples[$0 * 3 + channel], 2) } }
        apart.entries[284] = .short([2])
        apart.entries[273] = .long([8, 78, 148])
        apart.entries[279] = .long([70, 70, 70])
        #expect(try Self.deep(apart.bytes).levels == Self.expected(samples, 3))
        var white = Self.tiff(1)
        white.entries[262] = .short([0])
        #expect(try Self.deep(white.bytes).levels == Self.samples(1).map { 65_535 - $0 })
    }

    /// 16384 at an alpha of 32768 is 16384 × 65535 / 32768 = 32767.5, rounded up; 40000 is more than there can be.
    @Test func `are read without the alpha that a TIFF's were multiplied with`() throws {
        var tiff = TestTIFF(
            1, 1, bits: [16, 16, 16, 16], photometric: 2,
            samples: [16_384, 100, 40_000, 32_768].flatMap { [UInt8](little: $0, 2) })
        tiff.entries[338] = .short([1])
        #expect(try Self.deep(tiff.bytes).levels == [32_768, 200, 65_535, 32_768])
    }

    @Test func `come of 32 bits, whole or floating point`() throws {
        let values: [Float] = [0, 0.5, 1, 2, -1, .nan, 0.25, 1 / 3]
        var tiff = TestTIFF(8, 1, bits: [32], samples: values.flatMap { [UInt8](little: $0.bitPattern) })
        tiff.entries[339] = .short([3])
        #expect(try header(of: tiff.bytes).isDeep)
        #expect(try Self.deep(tiff.bytes).levels == [0, 32_768, 65_535, 65_535, 0, 0, 16_384, 21_845])
        let whole: [UInt32] = [0, .max, 0x8000_0000, 0x1234_5678]
        let levels = try Self.deep(TestTIFF(4, 1, bits: [32], samples: whole.flatMap { [UInt8](little: $0) }).bytes)
            .levels
        #expect(levels == whole.map { Int((Double($0) * 65_535 / Double(UInt32.max)).rounded()) })
    }

    @Test func `come only where they are asked for, and are there`() throws {
        for file in [Self.png(3).bytes(), Self.tiff(3).bytes] {
            #expect(try Picture(decoding: file).layout.format == .rgba8)
        }
        for format in [ImageFormat.png, .tiff, .jpeg, .webp, .bmp, .gif] {
            let file = try Picture.sample(16, 8, .opaque).encoded(format)
            #expect(try Self.deep(file) == Picture(decoding: file))
            #expect(try !header(of: file).isDeep)
        }
        var inks = TestTIFF(1, 1, bits: [16, 16, 16, 16], photometric: 5, samples: [UInt8](repeating: 0, count: 8))
        inks.entries[279] = .long([8])
        #expect(try Self.deep(inks.bytes) == Picture(decoding: inks.bytes))
    }

    // MARK: - Writing

    private static func sample(_ width: Int, _ height: Int, _ kind: Picture.Kind) -> Picture {
        let format = kind == .gray ? PixelFormat.gray16 : .rgba16
        return Picture(width, height, format, isOpaque: kind != .transparent) { x, y in
            let shade = UInt16(65_535 * (x + y) / (width + height))
            let alpha = kind == .transparent ? UInt16(65_535 * y / height) : .max
            let pixel = kind == .gray ? [shade] : [shade, x * 3 < width ? 10_001 : 51_234, 65_535 - shade, alpha]
            return pixel.flatMap { level in unsafe withUnsafeBytes(of: level) { unsafe Array($0) } }
        }
    }

    @Test(arguments: [ImageFormat.png, .tiff], Picture.Kind.allCases)
    func `are written as they are`(_ format: ImageFormat, _ kind: Picture.Kind) throws {
        for size in `Round trips`.sizes {
            for effort in [OutputOptions.Effort.balanced, .strongest] {
                let picture = Self.sample(size.width, size.height, kind)
                let file = try picture.encoded(format) { $0.effort = effort }
                #expect(try Self.deep(file) == picture)
                let mode: ColorMode = [.gray: .gray, .opaque: .rgb, .transparent: .rgba][kind] ?? .gray
                #expect(try facts(of: file) == ImageFacts(mode, bitDepth: 16))
            }
        }
    }

    /// Alpha is kept out of it: libtiff multiplies with it.
    @Test(arguments: [ImageFormat.png, .tiff], [Picture.Kind.gray, .opaque])
    func `are written so that other readers see the same`(_ format: ImageFormat, _ kind: Picture.Kind) throws {
        let picture = Self.sample(37, 23, kind)
        let theirs = try OtherReader.pixels(of: picture.encoded(format), format, picture.layout.size)
        let ours = Self.expected(picture.levels, kind == .gray ? 1 : 4)
        let colors = kind == .gray ? ours.flatMap { [$0, $0, $0, 65_535] } : ours
        try #require(theirs.count == colors.count)
        for (byte, level) in zip(theirs, colors) { #expect(abs(Double(byte) - Double(level) / 257) <= 1) }
    }

    @Test(arguments: [false, true])
    func `are written in the byte order of the metadata beside them`(_ isBigEndian: Bool) throws {
        var source = TestMetadata()
        source.isBigEndian = isBigEndian
        let metadata = try metadata(of: source.file(.tiff))
        let picture = Self.sample(16, 8, .opaque)
        let file = try picture.encoded(.tiff, metadata)
        #expect(Array(file.prefix(2)) == Array((isBigEndian ? "MM" : "II").utf8))
        #expect(try Self.deep(file, keepsProfile: true) == picture)
    }

    // MARK: - Colours

    /// XYZ for the white of D50 to linear sRGB (Lindbloom, "RGB/XYZ Matrices").
    private static let toSRGB = [
        [3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427],
    ]
    /// Of Display P3 for that white.
    private static let displayP3 = [
        [0.51512, 0.24120, -0.00105], [0.29198, 0.69225, 0.04189], [0.15710, 0.06657, 0.78407],
    ]

    private static let sRGB = [
        [0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410],
    ]

    /// sRGB's number for light 0…1 (IEC 61966-2-1).
    private static func encoded(_ light: Double) -> Double {
        let light = min(1, max(0, light))
        return 65_535 * (light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055)
    }

    private static let levels = [0, 1, 100, 1000, 5000, 12_345, 30_000, 48_000, 60_000, 65_535]

    /// A level of 8 bits is 257 of these. Matrices of sRGB differ in their fifth digit, as its white does from author to
    /// author, and near black a step in the fifth digit of light is 8 levels.
    private static let tolerance = 40.0

    @Test func `of a profile's colours become those of sRGB`() throws {
        let colors = Self.levels.flatMap { red in
            Self.levels.flatMap { green in Self.levels.map { [red, green, $0] } }
        }
        var png = TestPNG(colors.count, 1, bits: 16, color: 2, samples: colors.flatMap(\.self))
        png.profile = TestProfile.display(Self.displayP3, curve: TestProfile.gamma(2)).bytes
        let found = try Self.deep(png.bytes())
        let levels = found.levels
        var largest = 0.0
        for (x, color) in colors.enumerated() {
            let linear = color.map { pow(Double($0) / 65_535, 2) }
            let xyz = (0..<3).map { row in (0..<3).reduce(0) { $0 + Self.displayP3[$1][row] * linear[$1] } }
            for (channel, row) in Self.toSRGB.enumerated() {
                let wanted = Self.encoded((0..<3).reduce(0) { $0 + row[$1] * xyz[$1] })
                largest = max(largest, abs(Double(levels[x * 4 + channel]) - wanted))
            }
            #expect(levels[x * 4 + 3] == 65_535)
        }
        #expect(largest <= Self.tolerance, "\(largest)")
    }

    /// A table of colours for the perceptual intent, whose corners are those of linear sRGB: one that no matrix says.
    @Test func `of a profile's table become those of sRGB`() throws {
        var table = Array("mft2".utf8) + [UInt8](big: 0) + [3, 3, 2, 0]
        for row in 0..<3 { for column in 0..<3 { table += [UInt8](big: row == column ? 1 << 16 : 0) } }
        let ramp = [UInt8](big: 0, 2) + [UInt8](big: 0xFFFF, 2)
        table += [0, 2, 0, 2] + ramp + ramp + ramp
        for corner in 0..<8 {
            let color = [corner >> 2, corner >> 1 & 1, corner & 1].map(Double.init)
            for row in 0..<3 {
                // 1 is 0x8000 (ICC.1:2022, section 6.3.4.2).
                let part = (0..<3).reduce(0) { $0 + Self.sRGB[$1][row] * color[$1] }
                table += [UInt8](big: UInt32((part * 32_768).rounded()), 2)
            }
        }
        var png = TestPNG(
            Self.levels.count, 1, bits: 16, color: 2, samples: Self.levels.flatMap { [$0, 30_000, 65_535 - $0] })
        png.profile =
            TestProfile.display(
                Self.displayP3, curve: TestProfile.gamma(2), more: [("A2B0", table + ramp + ramp + ramp)]
            ).bytes
        let found = try Self.deep(png.bytes()).levels
        for (x, level) in Self.levels.enumerated() {
            for (channel, number) in [level, 30_000, 65_535 - level].enumerated() {
                let wanted = Self.encoded(Double(number) / 65_535)
                // What the table's 15 bits leave open is more where the curve is steep.
                #expect(abs(Double(found[x * 4 + channel]) - wanted) <= (wanted < 10_000 ? 128 : Self.tolerance))
            }
        }
    }

    @Test(arguments: [1, 2])
    func `of a gray profile follow its curve`(_ channels: Int) throws {
        var samples = Array(stride(from: 0, to: 65_536, by: 91))
        let count = samples.count
        if channels == 2 { samples = samples.flatMap { [$0, 65_535 - $0] } }
        var png = TestPNG(count, 1, bits: 16, color: channels == 1 ? 0 : 4, samples: samples)
        png.profile = TestProfile.gray(curve: TestProfile.gamma(1)).bytes
        let levels = try Self.deep(png.bytes()).levels
        for x in 0..<count {
            let wanted = Self.encoded(Double(x * 91) / 65_535)
            #expect(abs(Double(levels[channels == 1 ? x : x * 4]) - wanted) <= Self.tolerance, "\(x * 91)")
            if channels == 2 { #expect(levels[x * 4 + 3] == 65_535 - x * 91) }
        }
    }

    @Test func `stay where the profile is sRGB, or is to be kept`() throws {
        let plain = Self.png(3)
        var tagged = plain
        tagged.profile =
            TestProfile.display(
                Self.sRGB, curve: TestProfile.curve { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
            ).bytes
        #expect(try Self.deep(tagged.bytes()) == Self.deep(plain.bytes()))
        tagged.profile = TestProfile.display(Self.displayP3, curve: TestProfile.gamma(2)).bytes
        #expect(try Self.deep(tagged.bytes(), keepsProfile: true) == Self.deep(plain.bytes()))
    }
}

extension Picture {
    /// The samples of 16 bits.
    fileprivate var levels: [Int] {
        unsafe pixels.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 2).map {
                unsafe Int(bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self))
            }
        }
    }
}
