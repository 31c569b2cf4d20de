import Codecs
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
