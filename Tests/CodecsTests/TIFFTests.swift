import Codecs
import Foundation
import Imaging
import TestPictures
import Testing

@Suite struct `TIFF` {
    @Test(arguments: [1, 2, 4, 8, 16], [false, true])
    func `gray of every depth is read in both byte orders`(_ bits: Int, _ isBigEndian: Bool) throws {
        let samples = (0..<35).map { $0 * 7919 & (1 << bits - 1) }
        var tiff = TestTIFF(7, 5, bits: [bits], samples: [])
        tiff.isBigEndian = isBigEndian
        tiff.pixels =
            bits == 16
            ? samples.flatMap { tiff.number($0, 2) } : .packed(samples.map { UInt8($0) }, width: 7, bits: bits)
        tiff.entries[279] = .long([tiff.pixels.count])
        let expected = samples.map { UInt8((Double($0) * 255 / Double(1 << bits - 1)).rounded()) }
        #expect(try Picture(decoding: tiff.bytes).pixels == expected)
        // 0 is white.
        tiff.entries[262] = .short([0])
        #expect(try Picture(decoding: tiff.bytes).pixels == expected.map { 255 - $0 })
        #expect(try header(of: tiff.bytes).isGray)
    }

    @Test func `floating point is read from 0 to 1, and clipped`() throws {
        let values: [Float] = [0, 0.5, 1, 2, -1, .nan]
        var tiff = TestTIFF(6, 1, bits: [32], samples: values.flatMap { [UInt8](little: $0.bitPattern) })
        tiff.entries[339] = .short([3])
        #expect(try Picture(decoding: tiff.bytes).pixels == [0, 128, 255, 255, 0, 0])
    }

    @Test(arguments: [1, 2])
    func `RGB is read with samples together and apart`(_ planar: Int) throws {
        let pixels: [[UInt8]] = [[1, 2, 3], [40, 50, 60], [255, 0, 7], [9, 8, 200]]
        let together = pixels.flatMap(\.self), apart = (0..<3).flatMap { channel in pixels.map { $0[channel] } }
        var tiff = TestTIFF(2, 2, bits: [8, 8, 8], photometric: 2, samples: planar == 1 ? together : apart)
        tiff.entries[284] = .short([planar])
        if planar == 2 {
            tiff.entries[273] = .long([8, 12, 16])
            tiff.entries[279] = .long([4, 4, 4])
        }
        #expect(try Picture(decoding: tiff.bytes).pixels == pixels.flatMap { $0 + [255] })
    }

    /// Associated alpha: 64 at an alpha of 128 is 64 × 255 / 128 = 127.5, rounded up.
    @Test(
        arguments: [(0, [64, 100, 128, 255]), (1, [128, 199, 255, 128]), (2, [64, 100, 128, 128])] as [(Int, [UInt8])])
    func `alpha is what the extra sample says`(_ kind: Int, _ expected: [UInt8]) throws {
        var tiff = TestTIFF(1, 1, bits: [8, 8, 8, 8], photometric: 2, samples: [64, 100, 128, 128])
        tiff.entries[338] = .short([kind])
        #expect(try Picture(decoding: tiff.bytes).pixels == expected)
        #expect(try header(of: tiff.bytes).hasAlpha == (kind != 0))
    }

    @Test func `gray with alpha is read`() throws {
        var tiff = TestTIFF(1, 1, bits: [8, 8], samples: [90, 17])
        tiff.entries[338] = .short([2])
        #expect(try Picture(decoding: tiff.bytes).pixels == [90, 90, 90, 17])
    }

    @Test(arguments: [256, 1])
    func `a palette has 16 bits a colour, or 8 where a writer erred`(_ unit: Int) throws {
        var tiff = TestTIFF(4, 1, bits: [2], photometric: 3, samples: [0b00_01_10_11])
        tiff.entries[320] = .short([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 255].map { $0 * unit })
        #expect(
            try Picture(decoding: tiff.bytes).pixels == [
                10, 50, 90, 255, 20, 60, 100, 255, 30, 70, 110, 255, 40, 80, 255, 255,
            ])
    }

    /// `(255 − ink)(255 − black) / 255`, rounded.
    @Test func `inks become light`() throws {
        let tiff = TestTIFF(2, 1, bits: [8, 8, 8, 8], photometric: 5, samples: [0, 255, 100, 0, 0, 55, 255, 155])
        #expect(try Picture(decoding: tiff.bytes).pixels == [255, 0, 155, 255, 100, 78, 0, 255])
    }

    @Test(arguments: [("tiles", Fixtures.tiledTIFF), ("JPEG", Fixtures.jpegTIFF), ("BigTIFF", Fixtures.bigTIFF)])
    func `kinds that we do not write are read`(_ file: (name: String, bytes: [UInt8])) throws {
        expectQuarters(try Picture(decoding: file.bytes), within: file.name == "JPEG" ? 4 : 0)
    }

    @Test func `a fax is read`() throws {
        let picture = try Picture(decoding: Fixtures.faxTIFF)
        #expect(picture.pixel(8, 8) == [0])
        #expect(picture.pixel(24, 24) == [255])
    }

    @Test func `strips follow one another`() throws {
        var tiff = TestTIFF(2, 5, samples: Array(1...10))
        tiff.entries[278] = .long([2])
        tiff.entries[273] = .long([8, 12, 16])
        tiff.entries[279] = .long([4, 4, 2])
        #expect(try Picture(decoding: tiff.bytes).pixels == Array(1...10))
        #expect(try !header(of: tiff.bytes).needsWholePicture)
    }

    /// YCbCr of BT.601, as TIFF 6.0 has it by default, with the full range: Y = 150, Cb = 100, Cr = 200.
    @Test func `luma and chroma without JPEG become RGB`() throws {
        var tiff = TestTIFF(1, 1, bits: [8, 8, 8], photometric: 6, samples: [150, 100, 200])
        tiff.entries[530] = .short([1, 1])
        let pixel = try Picture(decoding: tiff.bytes).pixels
        let expected = [150 + 1.402 * 72, 150 - 0.344136 * -28 - 0.714136 * 72, 150 + 1.772 * -28, 255]
        for (found, wanted) in zip(pixel, expected) { #expect(abs(Double(found) - wanted) <= 1) }
    }

    /// The engine turns the picture; libtiff, left alone, would turn each strip or tile as well.
    @Test(arguments: Orientation.allCases, [false, true])
    func `luma and chroma come as stored, whichever side is up`(_ orientation: Orientation, _ isTiled: Bool) throws {
        var samples: [UInt8] = []
        for i in UInt8(0)...255 { samples += [60 + i / 2, 100 + i / 5, 150 - i % 16] }
        var tiff = TestTIFF(16, 16, bits: [8, 8, 8], photometric: 6, samples: samples)
        tiff.entries[530] = .short([1, 1])
        if isTiled {
            tiff.tile(16, 16, count: 1)
        } else {
            tiff.entries[278] = .long([8])
            tiff.entries[273] = .long([8, 8 + 384])
            tiff.entries[279] = .long([384, 384])
        }
        let upright = try Picture(decoding: tiff.bytes)
        #expect(Set(upright.pixels).count > 20)
        tiff.entries[274] = .short([Int(orientation.rawValue)])
        #expect(try Picture(decoding: tiff.bytes) == upright)
        #expect(try header(of: tiff.bytes).orientation == orientation)
    }

    // MARK: - Lab

    /// In L*, a* and b*, all of them inside sRGB. L* of 50 is a light of 0.1842, which is 118.9 of 255 (IEC 61966-2-1).
    private static let labColors: [[Double]] = [
        [100, 0, 0], [50, 0, 0], [0, 0, 0], [60, 40, 20], [40, -20, -30], [70, -40, 40], [20, 10, -25], [90, -3, 12],
    ]

    /// - Parameters:
    ///   - photometric: 8 for a* and b* with a sign (TIFF 6.0, section 23), 9 for both with 128 added (ICC.1:2022).
    ///   - bits: of 16, Adobe has L* in the whole range with 8, and up to 0xFF00 with 9.
    private static func lab(_ photometric: Int, bits: Int) -> TestTIFF {
        let unit = bits == 8 ? 1.0 : 256
        let white = bits == 16 && photometric == 8 ? 65_535 : 255 * unit
        let middle = photometric == 9 ? 128.0 : 0
        let samples = labColors.flatMap { color -> [Double] in
            [color[0] / 100 * white, (color[1] + middle) * unit, (color[2] + middle) * unit]
        }
        let bytes = samples.flatMap { sample -> [UInt8] in
            [UInt8](little: UInt32(truncatingIfNeeded: Int(sample.rounded())), bits / 8)
        }
        return TestTIFF(
            labColors.count, 1, bits: [bits, bits, bits], photometric: photometric, samples: bytes)
    }

    /// From the definition of CIE 1976 L*a*b* for the white of D50, adapted to that of D65 by Bradford, and IEC 61966-2-1.
    private static func sRGB(_ lab: [Double]) -> [Double] {
        func times(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
            matrix.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        func light(_ part: Double) -> Double {
            part > 6.0 / 29 ? part * part * part : (part - 4.0 / 29) * 108 / 841
        }
        func encoded(_ light: Double) -> Double {
            light <= 0.0031308 ? 12.92 * max(0, light) : 1.055 * pow(min(1, light), 1 / 2.4) - 0.055
        }
        let y = (lab[0] + 16) / 116
        let (x, z) = (y + lab[1] / 500, y - lab[2] / 200)
        let d50 = [0.9642, 1, 0.8249], d65 = [0.9505, 1, 1.0891]
        let cones = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
        let conesInverse = [
            [0.986993, -0.147054, 0.159963], [0.432305, 0.51836, 0.049291], [-0.008529, 0.040043, 0.968487],
        ]
        let seen = times(cones, zip([x, y, z], d50).map { light($0) * $1 })
        let whites = zip(times(cones, d65), times(cones, d50)).map { $0 / $1 }
        let adapted = times(conesInverse, zip(seen, whites).map { $0 * $1 })
        let linear = times(
            [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.204, 1.057]], adapted)
        return linear.map { 255 * encoded($0) }
    }

    /// Within 1 for grays. Colours may be 1.5 beside: half a step of 8 bits of L* is worth half a level, the result's own
    /// rounding as much, and the matrices have four digits.
    @Test(arguments: [8, 9], [8, 16])
    func `Lab is that of D50`(_ photometric: Int, _ bits: Int) throws {
        let tiff = Self.lab(photometric, bits: bits)
        let picture = try Picture(decoding: tiff.bytes)
        for (x, color) in Self.labColors.enumerated() {
            let found = picture.pixel(x, 0)
            let isGray = color[1] == 0 && color[2] == 0
            for (value, wanted) in zip(found, Self.sRGB(color)) {
                #expect(abs(Double(value) - wanted) <= (isGray ? 1 : 1.5), "\(color) became \(found)")
            }
            #expect(found[3] == 255)
        }
        for (x, gray) in [255.0, 119, 0].enumerated() {
            for value in picture.pixel(x, 0)[..<3] { #expect(abs(Double(value) - gray) <= 1) }
        }
        #expect(try facts(of: tiff.bytes).colorMode == .lab)
        #expect(try !header(of: tiff.bytes).isDeep)
    }

    @Test func `Lab is read with samples apart, and beside one not to look at`() throws {
        let together = Self.lab(8, bits: 8)
        let wanted = try Picture(decoding: together.bytes)
        let count = Self.labColors.count
        let pixels = (0..<count).map { Array(together.pixels[$0 * 3..<$0 * 3 + 3]) }

        var apart = together
        apart.pixels = (0..<3).flatMap { channel in pixels.map { $0[channel] } }
        apart.entries[284] = .short([2])
        apart.entries[273] = .long((0..<3).map { 8 + $0 * count })
        apart.entries[279] = .long([count, count, count])
        #expect(try Picture(decoding: apart.bytes) == wanted)

        let more = TestTIFF(
            count, 1, bits: [8, 8, 8, 8], photometric: 8, samples: pixels.flatMap { $0 + [77] })
        #expect(try Picture(decoding: more.bytes) == wanted)
    }

    // MARK: - Memory

    @Test func `strips and tiles are counted as they are held`() throws {
        func held(
            _ width: Int, _ height: Int, _ bits: [Int] = [8], photometric: Int = 2,
            _ change: (inout TestTIFF) -> Void = { _ in }
        ) throws -> Int {
            var tiff = TestTIFF(width, height, bits: bits, photometric: photometric, samples: [1, 2, 3, 4])
            // Of plain strips libtiff computes the length itself, and these have none to speak of.
            tiff.entries[259] = .short([8])
            change(&tiff)
            return try header(of: tiff.bytes).heldByteCount
        }
        // The band, the tile before it is put there, and a row of samples.
        #expect(
            try held(10_000, 10_000, [8, 8, 8, 8]) { $0.tile(10_000, 9984, count: 2) }
                == 2 * 10_000 * 9984 * 4 + 10_000 * 4)
        #expect(try held(1, 1, [32, 32, 32, 32]) { $0.tile(4096, 4096, count: 1) } == 2 * 4096 * 4096 * 16 + 4 * 2)
        // Strips that are not large are decompressed whole, planes each into its own part of the band.
        #expect(try held(700, 50, photometric: 1) == 700 * 50 + 700)
        #expect(
            try held(700, 50, [8, 8, 8]) { tiff in
                tiff.entries[284] = .short([2])
                tiff.entries[273] = .long([8, 8, 8])
                tiff.entries[279] = .long([4, 4, 4])
            } == 700 * 50 * 3 + 700 * 3)
        // Larger ones go row by row, and such a row may be large as well.
        #expect(try held(3000, 2000, photometric: 1) == 3000 + 3000)
        #expect(try held(1_000_000, 3, [Int](repeating: 32, count: 16)) == 1_000_000 * 16 * (4 + 2))
        // RGBA of the band and of the strip, and what libtiff makes it of.
        #expect(
            try held(700, 50, [8, 8, 8], photometric: 6) { $0.entries[530] = .short([1, 1]) }
                == 700 * 50 * (4 + 4 + 3) + 700 * 3)
    }

    @Test(arguments: [(259, 34_925), (259, 6), (262, 32_844), (258, 64), (339, 2)])
    func `kinds that are not read are named`(_ tag: Int, _ value: Int) throws {
        var tiff = TestTIFF(2, 2, samples: [1, 2, 3, 4])
        tiff.entries[tag] = .short([value])
        let error = #expect(throws: DecodeError.self) { try header(of: tiff.bytes) }
        guard case .unsupported(.tiff, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

extension TestTIFF {
    /// Has tiles instead of the strip, all of them the bytes that the strip was.
    fileprivate mutating func tile(_ width: Int, _ height: Int, count: Int) {
        for tag in [273, 278, 279] { entries[tag] = nil }
        entries[322] = .long([width])
        entries[323] = .long([height])
        entries[324] = .long([Int](repeating: 8, count: count))
        entries[325] = .long([Int](repeating: pixels.count, count: count))
    }
}
