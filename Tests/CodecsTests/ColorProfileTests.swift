import CLCMS
import Foundation
import Imaging
import TestPictures
import Testing

@testable import Codecs

@Suite struct `A colour profile` {
    /// Of Display P3 for the white of D50, as its profile has it.
    private static let displayP3 = [
        [0.51512, 0.24120, -0.00105], [0.29198, 0.69225, 0.04189], [0.15710, 0.06657, 0.78407],
    ]
    /// The same of sRGB.
    private static let sRGB = [
        [0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410],
    ]
    private static let profile = TestProfile.display(displayP3, curve: TestProfile.gamma(2))

    /// XYZ for the white of D50 to linear sRGB (Lindbloom, "RGB/XYZ Matrices").
    private static let toSRGB = [
        [3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427],
    ]

    /// sRGB's number for light 0…1 (IEC 61966-2-1).
    private static func encoded(_ light: Double) -> Double {
        255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055)
    }

    private static func light(_ number: Double) -> Double {
        number <= 0.04045 ? number / 12.92 : pow((number + 0.055) / 1.055, 2.4)
    }

    /// CIE 1976.
    private static func light(ofLightness lightness: Double) -> Double {
        let t = (lightness + 16) / 116
        return t > 6 / 29 ? t * t * t : (t - 16 / 116) * 3 * 36 / 841
    }

    /// What a colour of `profile` is in sRGB.
    private static func expected(_ color: [UInt8]) -> [Double] {
        let linear = color[..<3].map { pow(Double($0) / 255, 2) }
        let xyz = (0..<3).map { row in (0..<3).reduce(0) { $0 + displayP3[$1][row] * linear[$1] } }
        return toSRGB.map { row in encoded(min(1, max(0, (0..<3).reduce(0) { $0 + row[$1] * xyz[$1] }))) }
    }

    private static func areAlike(_ found: [UInt8], _ wanted: [Double], within limit: Double = 1.5) -> Bool {
        zip(found, wanted).allSatisfy { abs(Double($0) - $1) <= limit }
    }

    private static let colors: [[UInt8]] = {
        let levels: [UInt8] = [0, 30, 90, 160, 220, 255]
        return levels.flatMap { red in levels.flatMap { green in levels.map { blue in [red, green, blue] } } }
    }()

    private static func png(_ profile: [UInt8] = [], chunks: [(name: String, content: [UInt8])] = []) -> [UInt8] {
        var file = TestPNG(colors.count, 1, bits: 8, color: 2, samples: colors.flatMap { $0.map(Int.init) })
        file.profile = profile
        file.chunks = chunks
        return file.bytes()
    }

    @Test func `turns its colours into those of sRGB`() throws {
        let picture = try Picture(decoding: Self.png(Self.profile.bytes))
        for (x, color) in Self.colors.enumerated() {
            let found = picture.pixel(x, 0)
            #expect(Self.areAlike(found, Self.expected(color)), "\(color) became \(found)")
            #expect(found[3] == 255)
        }
    }

    /// Little CMS's own result, for curves and matrices of all kinds.
    @Test(arguments: [
        TestProfile.display(displayP3, curve: TestProfile.gamma(2)),
        TestProfile.display(displayP3, curve: TestProfile.curve { Self.light($0) }),
        // Adobe RGB (1998), and a matrix far beyond any screen's.
        TestProfile.display(
            [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]],
            curve: TestProfile.gamma(2.19921875)),
        TestProfile.display([[1.3, 0.5, -0.2], [-0.6, 0.7, -0.1], [0.2, -0.2, 1.2]], curve: TestProfile.gamma(1)),
        TestProfile.display([[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]], curve: TestProfile.gamma(3)),
    ])
    func `gives what Little CMS does`(_ profile: TestProfile) throws {
        let levels = [UInt8](0...12) + [23, 46, 70, 99, 128, 150, 177, 200, 230] + [253, 254, 255]
        var pixels: [UInt8] = []
        for red in levels { for green in levels { for blue in levels { pixels += [red, green, blue, blue] } } }
        var found = pixels
        var row = found.mutableSpan
        try #require(ColorTransform.from(.icc(profile.bytes), of: .rgb)).apply(to: &row, format: .rgba8)

        let (source, target) = unsafe (
            cmsOpenProfileFromMem(profile.bytes, cmsUInt32Number(profile.bytes.count)), cmsCreate_sRGBProfile()
        )
        let format = cmsUInt32Number(CLCMS_RGBA_8)
        // Its ways to be faster cost it accuracy.
        let transform = unsafe cmsCreateTransform(
            source, format, target, format, cmsUInt32Number(INTENT_PERCEPTUAL), cmsUInt32Number(cmsFLAGS_NOOPTIMIZE))
        var wanted = pixels
        unsafe cmsDoTransform(transform, pixels, &wanted, cmsUInt32Number(pixels.count / 4))
        unsafe cmsDeleteTransform(transform)
        unsafe cmsCloseProfile(source)
        unsafe cmsCloseProfile(target)
        let differences = zip(found, wanted).map { abs(Int($0) - Int($1)) }
        #expect(differences.max() ?? 0 <= 1)
        // Rounding the other way is rare.
        #expect(differences.count { $0 > 0 } * 50 < differences.count)
    }

    @Test(arguments: [ImageFormat.jpeg, .png, .webp, .tiff, .bmp, .gif])
    func `is read from every format that has one`(_ format: ImageFormat) throws {
        let color: [UInt8] = [200, 60, 110, 255]
        let plain = try Picture(16, 8, .rgba8, isOpaque: true) { _, _ in color }.encoded(format)
        let files: [[UInt8]]
        switch format {
        case .jpeg: files = [Self.profile.jpeg(plain), Self.profile.jpeg(plain, size: 100)]
        case .webp: files = [Self.profile.webP(plain)]
        case .gif: files = [Self.profile.gif(plain)]
        case .bmp:
            let direct = TestBMP(rows: color[..<3].reversed() + [0])
            let mapped = TestBMP(bits: 8, colorsUsed: 1, palette: color[..<3].reversed() + [0], rows: [0, 0, 0, 0])
            files = [Self.profile.bitmap(direct), Self.profile.bitmap(mapped)]
        case .tiff:
            var tiff = TestTIFF(1, 1, bits: [8, 8, 8], photometric: 2, samples: Array(color[..<3]))
            tiff.entries[34_675] = .bytes(Self.profile.bytes)
            files = [tiff.bytes]
        default:
            var png = TestPNG(1, 1, bits: 8, color: 2, samples: color[..<3].map(Int.init))
            png.profile = Self.profile.bytes
            files = [png.bytes(), png.bytes(isInterlaced: true)]
        }
        let wanted = Self.expected(try Picture(decoding: plain).pixel(0, 0))
        for file in files {
            let found = try Picture(decoding: file).pixel(0, 0)
            #expect(Self.areAlike(found, wanted), "\(found)")
            #expect(found[3] == 255)
        }
    }

    @Test func `holds where luma alone would do, and for planes`() throws {
        let plain = try Picture(16, 8, .rgba8, isOpaque: true) { _, _ in [200, 60, 110, 255] }.encoded(.jpeg)
        let image = EncodedImage(Self.profile.jpeg(plain))
        var request = DecodeRequest()
        request.onlyLuma = true
        #expect(try JPEGCodec.decoder(for: image, request).layout.format == .rgba8)
        #expect(try JPEGCodec.planes(of: image, request) == nil)
        #expect(try JPEGCodec.planes(of: EncodedImage(plain), request) != nil)
    }

    @Test func `leaves alpha as it is`() throws {
        let color = [120, 200, 40]
        var png = TestPNG(256, 1, bits: 8, color: 6, samples: (0...255).flatMap { color + [$0] })
        png.profile = Self.profile.bytes
        let picture = try Picture(decoding: png.bytes())
        for alpha in 0...255 { #expect(picture.pixel(alpha, 0)[3] == alpha) }
        #expect(Set((0...255).map { Array(picture.pixel($0, 0)[..<3]) }).count == 1)
    }

    @Test func `of gray is a curve`() throws {
        let profile = TestProfile.gray(curve: TestProfile.gamma(1))
        for color in [UInt8(0), 4] {
            let samples = (0...255).flatMap { color == 0 ? [$0] : [$0, 255 - $0] }
            var png = TestPNG(256, 1, bits: 8, color: color, samples: samples)
            png.profile = profile.bytes
            let picture = try Picture(decoding: png.bytes())
            for level in 0...255 {
                let found = picture.pixel(level, 0)
                let wanted = [Double](repeating: Self.encoded(Double(level) / 255), count: color == 0 ? 1 : 3)
                #expect(Self.areAlike(found, wanted), "\(level) became \(found)")
                if color == 4 { #expect(found[3] == 255 - level) }
            }
        }
    }

    @Test func `of inks says what they look like on paper`() throws {
        let lightness = { (cyan: Int, magenta: Int, yellow: Int, black: Int) in
            (100 - 25 * Double(cyan) - 35 * Double(magenta) - 10 * Double(yellow)) * (black == 1 ? 0.2 : 1)
        }
        let corners = (0..<16).map { [$0 >> 3, $0 >> 2 & 1, $0 >> 1 & 1, $0 & 1] }
        var tiff = TestTIFF(
            16, 1, bits: [8, 8, 8, 8], photometric: 5, samples: corners.flatMap { $0.map { UInt8($0 * 255) } })
        tiff.entries[34_675] = .bytes(TestProfile.printer(lightness).bytes)
        let picture = try Picture(decoding: tiff.bytes)
        for (x, inks) in corners.enumerated() {
            // The darkest ink becomes black, and what is above it is spread (ISO 18619, black point compensation).
            let black = Self.light(ofLightness: lightness(1, 1, 1, 1))
            let light = (Self.light(ofLightness: lightness(inks[0], inks[1], inks[2], inks[3])) - black) / (1 - black)
            let found = picture.pixel(x, 0)
            #expect(
                Self.areAlike(found, [Double](repeating: Self.encoded(light), count: 3), within: 2), "\(inks): \(found)"
            )
            #expect(found[3] == 255)
        }
    }

    @Test func `that comes to sRGB changes nothing`() throws {
        let profile = TestProfile.display(Self.sRGB, curve: TestProfile.curve { Self.light($0) })
        #expect(try Picture(decoding: Self.png(profile.bytes)) == Picture(decoding: Self.png()))
        #expect(ColorTransform.from(.icc(profile.bytes), of: .rgb) == nil)
    }

    @Test func `of endless elements, or of a size that none has, is not looked into`() throws {
        // 20,000 elements, all of them the same table of two colours a side.
        let count = 20_000
        var element = Array("clut".utf8) + [UInt8](big: 0) + [0, 3, 0, 3, 2, 2, 2] + [UInt8](repeating: 0, count: 13)
        element += (0..<24).flatMap { _ in [UInt8](big: 0x3F00_0000) }
        let place = [UInt8](big: UInt32(16 + count * 8)) + [UInt8](big: UInt32(element.count))
        var chain = Array("mpet".utf8) + [UInt8](big: 0) + [0, 3, 0, 3] + [UInt8](big: UInt32(count))
        for _ in 0..<count { chain += place }
        chain += element
        let endless = TestProfile.display(Self.displayP3, curve: TestProfile.gamma(2), more: [("D2B0", chain)])
        let huge = TestProfile.display(
            Self.displayP3, curve: TestProfile.gamma(2), more: [("junk", [UInt8](repeating: 0, count: 5 << 20))])
        let plain = try Picture(16, 8, .rgba8, isOpaque: true) { _, _ in [200, 60, 110, 255] }.encoded(.jpeg)
        for profile in [endless, huge] {
            let file = profile.jpeg(plain)
            let start = ContinuousClock.now
            let picture = try Picture(decoding: file)
            #expect(start.duration(to: .now) < .seconds(1))
            #expect(try picture == Picture(decoding: plain))
        }
    }

    @Test func `that is broken or for another kind of picture changes nothing`() throws {
        let plain = try Picture(decoding: Self.png())
        let whole = Self.profile.bytes
        for profile in [Array(whole[..<200]), TestProfile.gray(curve: TestProfile.gamma(1)).bytes, [1, 2, 3]] {
            #expect(try Picture(decoding: Self.png(profile)) == plain)
        }
        let jpeg = try Picture.sample(16, 8, .gray).encoded(.jpeg)
        #expect(try Picture(decoding: Self.profile.jpeg(jpeg)) == Picture(decoding: jpeg))
    }
}

@Suite struct `What a file says of its light` {
    /// Linear light to that of sRGB, both for the white of D65: from ITU-R BT.2020 (ITU-R BT.2087), and from Display P3.
    static let fromBT2020 = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    static let fromP3 = [[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0196, -0.0786, 1.0979]]
    static let same = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]

    static let color = [100, 180, 90]

    /// IEC 61966-2-1.
    static func sRGB(_ number: Double) -> Double {
        number <= 0.04045 ? number / 12.92 : pow((number + 0.055) / 1.055, 2.4)
    }

    /// What ``color`` is in sRGB.
    static func expected(_ matrix: [[Double]], _ light: (Double) -> Double) -> [Double] {
        let linear = color.map { light(Double($0) / 255) }
        return matrix.map { row in
            let light = min(1, max(0, (0..<3).reduce(0) { $0 + row[$1] * linear[$1] }))
            return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055)
        }
    }

    static func isLike(_ found: [UInt8], _ wanted: [Double]) -> Bool {
        zip(found, wanted).allSatisfy { abs(Double($0) - $1) <= 1.5 }
    }

    private static func png(_ codePoints: [UInt8], profile: [UInt8] = []) throws -> [UInt8] {
        var png = TestPNG(1, 1, bits: 8, color: 2, samples: color)
        png.profile = profile
        png.chunks = [("gAMA", [UInt8](big: 100_000)), ("cICP", codePoints)]
        return try Picture(decoding: png.bytes()).pixel(0, 0)
    }

    @Test func `PNG's code points go before all that it says elsewhere`() throws {
        let bt709 = { (number: Double) in number < 0.08124 ? number / 4.5 : pow((number + 0.0993) / 1.0993, 1 / 0.45) }
        let known: [(primaries: UInt8, transfer: [UInt8], matrix: [[Double]], light: (Double) -> Double)] = [
            (1, [13], Self.same, Self.sRGB), (9, [13], Self.fromBT2020, Self.sRGB), (12, [13], Self.fromP3, Self.sRGB),
            (1, [1, 6, 14, 15], Self.same, bt709), (9, [1, 14], Self.fromBT2020, bt709),
            (1, [8], Self.same, { $0 }), (12, [4], Self.fromP3, { pow($0, 2.2) }),
            (1, [5], Self.same, { pow($0, 2.8) }),
        ]
        let profile = TestProfile.display(
            [[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]], curve: TestProfile.gamma(3))
        for (primaries, transfers, matrix, light) in known {
            for transfer in transfers {
                for profile in [[], profile.bytes] {
                    let found = try Self.png([primaries, transfer, 0, 1], profile: profile)
                    #expect(Self.isLike(found, Self.expected(matrix, light)), "\(primaries), \(transfer): \(found)")
                }
            }
        }
    }

    @Test(arguments: [
        [9, 16, 0, 1], [9, 18, 0, 1], [4, 13, 0, 1], [1, 13, 1, 1], [1, 13, 0, 0], [1, 2, 0, 1], [1, 13],
    ])
    func `PNG's code points that are not read count as none`(_ codePoints: [UInt8]) throws {
        // That of gAMA.
        #expect(Self.isLike(try Self.png(codePoints), Self.expected(Self.same) { $0 }))
    }

    @Test func `PNG's code points drop a profile that is to be kept`() throws {
        var png = TestPNG(1, 1, bits: 8, color: 2, samples: Self.color)
        png.profile = TestProfile.display(Self.fromP3, curve: TestProfile.gamma(2)).bytes
        #expect(try PNGCodec.metadata(of: EncodedImage(png.bytes())).profile != nil)
        png.chunks = [("cICP", [12, 13, 0, 1])]
        #expect(try PNGCodec.metadata(of: EncodedImage(png.bytes())).profile == nil)
    }

    /// - Parameters:
    ///   - space: the field of the colour space.
    ///   - scale: of the primaries, which need not add up to 1.
    private static func bitmap(
        _ places: [(x: Double, y: Double)], gammas: [Double], headerSize: Int = 124, space: UInt32 = 0,
        scale: Double = 1
    ) throws -> [UInt8] {
        var bitmap = TestBMP(headerSize: headerSize, rows: color.reversed().map { UInt8($0) } + [0])
        bitmap.masks = [0, 0, 0, 0, space]
        for (x, y) in places {
            bitmap.masks += [x, y, 1 - x - y].map { UInt32(($0 * scale * Double(1 << 30)).rounded()) }
        }
        bitmap.masks += gammas.map { UInt32(($0 * 65_536).rounded()) }
        return try Picture(decoding: bitmap.bytes).pixel(0, 0)
    }

    private static let bt2020 = [(x: 0.708, y: 0.292), (x: 0.170, y: 0.797), (x: 0.131, y: 0.046)]

    @Test(arguments: [108, 124], [1, 0.4])
    func `a bitmap has primaries and a gamma`(_ headerSize: Int, _ scale: Double) throws {
        for (gamma, light) in [(2.2, Self.sRGB), (1.8, { pow($0, 1.8) }), (1, { $0 })] as [(Double, (Double) -> Double)]
        {
            let found = try Self.bitmap(
                Self.bt2020, gammas: [gamma, gamma, gamma], headerSize: headerSize, scale: scale)
            #expect(Self.isLike(found, Self.expected(Self.fromBT2020, light)), "\(gamma): \(found)")
        }
    }

    @Test func `a bitmap is in sRGB where it says so, or what it says makes no sense`() throws {
        let plain = Self.color.map { UInt8($0) } + [255]
        let gammas = [1.8, 1.8, 1.8]
        // "sRGB", "Win ", "LINK", and "MBED" where there is no profile.
        for space in [0x7352_4742, 0x5769_6E20, 0x4C49_4E4B, 0x4D42_4544] as [UInt32] {
            #expect(try Self.bitmap(Self.bt2020, gammas: gammas, space: space) == plain)
        }
        #expect(try Self.bitmap(Self.bt2020, gammas: [1.8, 2, 1.8]) == plain)
        #expect(try Self.bitmap(Self.bt2020, gammas: [0, 0, 0]) == plain)
        #expect(try Self.bitmap(Self.bt2020, gammas: [0.45, 0.45, 0.45]) == plain)
        #expect(try Self.bitmap(Self.bt2020, gammas: gammas, scale: 0) == plain)
    }

    @Test func `a GIF's profile is for the palettes of all its frames`() throws {
        let profile = TestProfile.display(
            [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410]].reversed(),
            curve: TestProfile.gamma(2.2))
        var frame = TestGIF(2, 1, indices: [1, 3])
        for usesLocalPalette in [false, true] {
            frame.usesLocalPalette = usesLocalPalette
            let file = profile.gif(TestGIF.animation([frame, frame]))
            let frames = try GIFCodec.frames(of: EncodedImage(file), DecodeRequest())
            while let frame = try frames.nextFrame() {
                var row = [UInt8](repeating: 0, count: 8)
                var span = row.mutableSpan
                try frame.rows.readRow(into: &span)
                // Red and blue have changed places.
                #expect(row == [0, 0, 255, 255, 255, 255, 255, 255])
            }
            #expect(try Picture(decoding: file).pixels == [0, 0, 255, 255, 255, 255, 255, 255])
        }
    }
}

@Suite struct `A PNG's gamma` {
    private static func gray(_ chunks: [(name: String, content: [UInt8])]) throws -> Picture {
        var png = TestPNG(256, 1, bits: 8, color: 0, samples: Array(0...255))
        png.chunks = chunks
        return try Picture(decoding: png.bytes())
    }

    private static func gamma(_ value: Double) -> (name: String, content: [UInt8]) {
        ("gAMA", [UInt8](big: UInt32((value * 100_000).rounded())))
    }

    @Test func `says how numbers follow from light`() throws {
        let picture = try Self.gray([Self.gamma(1)])
        for level in 0...255 {
            let light = Double(level) / 255
            let wanted = 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055)
            #expect(abs(Double(picture.pixel(level, 0)[0]) - wanted) <= 1.5)
        }
    }

    @Test func `counts less than the word that it is sRGB, and as that where it is near`() throws {
        let plain = try Self.gray([])
        #expect(try Self.gray([("sRGB", [0]), Self.gamma(1)]) == plain)
        #expect(try Self.gray([Self.gamma(1 / 2.2)]) == plain)
    }

    @Test func `goes with the primaries that the file has`() throws {
        // ITU-R BT.2020's, whose green no other screen shows.
        let places = [31_270, 32_900, 70_800, 29_200, 17_000, 79_700, 13_100, 4600].flatMap { [UInt8](big: $0) }
        var png = TestPNG(1, 1, bits: 8, color: 2, samples: [100, 180, 90])
        png.chunks = [Self.gamma(1 / 2.2), ("cHRM", places)]
        let found = try Picture(decoding: png.bytes()).pixel(0, 0)
        typealias Light = `What a file says of its light`
        #expect(Light.isLike(found, Light.expected(Light.fromBT2020, Light.sRGB)))
    }
}
