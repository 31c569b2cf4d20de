import Codecs
import Imaging
import TestPictures
import Testing

@Suite struct `Hostile files` {
    /// Small files of every format and of the kinds that take other paths through a decoder.
    static let files: [(name: String, bytes: [UInt8])] = {
        var files: [(String, [UInt8])] = []
        for format in ImageFormat.allCases {
            for kind in Picture.Kind.allCases {
                if let bytes = try? Picture.sample(24, 20, kind).encoded(format) {
                    files.append(("\(format) \(kind)", bytes))
                }
            }
        }
        files.append(("progressive JPEG", Fixtures.progressiveJPEG))
        files.append(("JPEG with restart markers", Fixtures.restartJPEG))
        files.append(("CMYK JPEG", Fixtures.cmykJPEG))
        files.append(
            (
                "interlaced PNG",
                TestPNG(4, 3, bits: 8, color: 2, samples: (0..<36).map { $0 * 7 }).bytes(isInterlaced: true)
            ))
        files.append(("interlaced GIF", TestGIF(5, 9, indices: (0..<45).map { $0 % 4 }, isInterlaced: true).bytes))
        let profile = TestProfile.display(
            [[0.5, 0.24, 0], [0.29, 0.69, 0.04], [0.16, 0.07, 0.78]], curve: TestProfile.gamma(2))
        var png = TestPNG(2, 1, bits: 8, color: 2, samples: [1, 2, 3, 4, 5, 6])
        png.profile = profile.bytes
        files.append(("PNG with a profile", png.bytes()))
        if let jpeg = try? Picture.sample(24, 20, .opaque).encoded(.jpeg) {
            files.append(("JPEG with a profile", profile.jpeg(jpeg)))
        }
        files.append(("lossless WebP", Fixtures.losslessWebP))
        files.append(("animated WebP", Fixtures.animatedWebP))
        files.append(("RLE8 bitmap", TestBMP.runLength8))
        files.append(("tiled TIFF", Fixtures.tiledTIFF))
        files.append(("JPEG in TIFF", Fixtures.jpegTIFF))
        for (name, photometric) in [("luma and chroma in TIFF", 6), ("Lab in TIFF", 8)] {
            var tiff = TestTIFF(4, 3, bits: [8, 8, 8], photometric: photometric, samples: Array(100..<136))
            tiff.entries[530] = .short([1, 1])
            files.append((name, tiff.bytes))
        }
        return files
    }()

    @Test(arguments: files)
    func `a file that is cut anywhere is refused, or lacks no pixel`(_ file: (name: String, bytes: [UInt8])) throws {
        let whole = try Picture(decoding: file.bytes)
        for count in 0..<file.bytes.count {
            let result = Result { try Picture(decoding: Array(file.bytes[..<count])) }
            switch result {
            case .success(let picture): #expect(picture == whole, "cut after \(count) of \(file.bytes.count) bytes")
            case .failure(let error): #expect(error is DecodeError)
            }
        }
    }

    @Test(arguments: files)
    func `a file with any byte changed decodes or is refused`(_ file: (name: String, bytes: [UInt8])) {
        for i in file.bytes.indices {
            for value in [file.bytes[i] ^ 0xFF, file.bytes[i] ^ 0x01, file.bytes[i] &+ 0x10] {
                let changed = file.bytes.replacing(i..<i + 1, with: [value])
                do {
                    // A changed size may be valid and huge; the renderer's limits stand before the decoder.
                    guard try header(of: changed).storedSize.area <= 1_000_000 else { continue }
                    _ = try Picture(decoding: changed)
                } catch {
                    #expect(error is DecodeError, "byte \(i)")
                }
            }
        }
    }

    @Test func `text, nothing and single bytes are of no format`() {
        for bytes in [[], [0xFF], Array("BM is how this text begins".utf8), Array("II".utf8)] as [[UInt8]] {
            #expect(throws: DecodeError.unknownFormat) { try header(of: bytes) }
        }
    }

    @Test func `a huge PNG is told by its header alone`() throws {
        let bytes = TestPNG(60_000, 60_000, bits: 8, color: 6, samples: []).bytes()
        #expect(try header(of: bytes).storedSize == Size(width: 60_000, height: 60_000))
    }

    @Test func `a JPEG of the largest size without data ends at once`() throws {
        var bytes = try Picture.sample(8, 8, .gray).encoded(.jpeg)
        let frame = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(try header(of: bytes).storedSize == Size(width: 65_500, height: 65_500))
        #expect(throws: DecodeError.truncated) {
            let decoder = try JPEGCodec.decoder(for: EncodedImage(bytes), DecodeRequest())
            var row = [UInt8](repeating: 0, count: decoder.layout.rowByteCount)
            for _ in 0..<32 {
                var span = row.mutableSpan
                try decoder.readRow(into: &span)
            }
        }
    }

    @Test func `a bitmap that is shorter than its size is refused before anything is allocated`() throws {
        let bytes = try Picture.sample(8, 8, .opaque).encoded(.bmp)
            .replacing(18..<26, with: [UInt8](little: 0x7FFF_FFFF) + [UInt8](little: 0x7FFF_FFFF))
        #expect(throws: DecodeError.truncated) { try BMPCodec.decoder(for: EncodedImage(bytes), DecodeRequest()) }
    }

    @Test func `a TIFF whose strip lies outside the file is refused`() throws {
        var tiff = TestTIFF(2, 2, samples: [1, 2, 3, 4])
        tiff.entries[273] = .long([5_000_000])
        #expect(throws: DecodeError.truncated) { try header(of: tiff.bytes) }
    }

    @Test func `a TIFF with tiles far larger than the picture is refused`() {
        var tiff = TestTIFF(2, 2, samples: [1, 2, 3, 4])
        tiff.entries[278] = nil
        tiff.entries[273] = nil
        tiff.entries[279] = nil
        tiff.entries[322] = .long([65_536])
        tiff.entries[323] = .long([65_536])
        tiff.entries[324] = .long([8])
        tiff.entries[325] = .long([4])
        #expect(throws: DecodeError.malformed(.tiff, reason: "tiles of 65536 × 65536 pixels")) {
            try header(of: tiff.bytes)
        }
    }

    /// TIFFs of a few hundred bytes that claim more than 64 bits can count.
    static let vastTIFFs: [(name: String, bytes: [UInt8])] = {
        let side = 2_147_483_647
        var strip = TestTIFF(
            side, side, bits: [8, 8, 8], photometric: 6, samples: [UInt8](repeating: 0xD8, count: 24))
        strip.entries[259] = .short([7])
        var tile = strip
        for tag in [273, 278, 279] { tile.entries[tag] = nil }
        for tag in [322, 323] { tile.entries[tag] = .long([side + 1]) }
        tile.entries[324] = .long([8])
        tile.entries[325] = .long([24])
        var planes = strip
        planes.entries[284] = .short([2])
        planes.entries[273] = .long([8, 8, 8])
        planes.entries[279] = .long([24, 24, 24])
        var files: [(String, [UInt8])] = []
        for (name, kind) in [("strip", strip), ("tile", tile), ("planes", planes)] {
            files.append((name, kind.bytes))
            var deflated = kind
            deflated.entries[259] = .short([8])
            deflated.entries[262] = .short([2])
            files.append(("\(name) of RGB, Deflate", deflated.bytes))
        }
        for (name, kind) in [("strip", strip), ("tile", tile)] {
            files.append(("\(name) in BigTIFF", bigTIFF(kind)))
            var wide = kind
            wide.entries[256] = .long([1 << 40])
            files.append(("\(name) in BigTIFF, 2^40 wide", bigTIFF(wide)))
            wide.entries[256] = .long([side])
            wide.entries[name == "tile" ? 323 : 278] = .long([.max])
            files.append(("\(name) in BigTIFF, 2^63 high", bigTIFF(wide)))
        }
        return files
    }()

    /// The same as a BigTIFF: numbers of 32 bits become such of 64.
    ///
    /// - Precondition: no tag has more values than eight bytes hold.
    private static func bigTIFF(_ tiff: TestTIFF) -> [UInt8] {
        func number(_ value: Int, _ count: Int = 8) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var table = number(tiff.entries.count)
        for (tag, value) in tiff.entries.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .short(let values):
                let bytes = values.flatMap { number($0, 2) }
                table += number(tag, 2) + number(3, 2) + number(values.count)
                table += bytes + [UInt8](repeating: 0, count: 8 - bytes.count)
            case .long(let values):
                // The bytes of the picture lie eight bytes further on.
                let value = tag == 273 || tag == 324 ? values[0] + 8 : values[0]
                table += number(tag, 2) + number(16, 2) + number(1) + number(value)
            default: preconditionFailure("tag \(tag)")
            }
        }
        return Array("II".utf8) + number(43, 2) + number(8, 2) + number(0, 2) + number(16 + tiff.pixels.count)
            + tiff.pixels + table + number(0)
    }

    @Test(arguments: vastTIFFs)
    func `a TIFF whose bytes cannot be counted is refused`(_ file: (name: String, bytes: [UInt8])) {
        #expect(throws: DecodeError.self) { try header(of: file.bytes) }
        #expect(throws: DecodeError.self) { try facts(of: file.bytes) }
        #expect(throws: DecodeError.self) { try metadata(of: file.bytes) }
        #expect(throws: DecodeError.self) { try Picture(decoding: file.bytes) }
    }

    /// Just inside what is counted: limits stand before the decoder.
    @Test func `a TIFF of the largest sizes is told by its header alone`() throws {
        let bits = [Int](repeating: 32, count: 16)
        for size in [Size(width: 2_147_483_647, height: 512), Size(width: 512, height: 2_147_483_647)] {
            var file = TestTIFF(size.width, size.height, bits: bits, photometric: 2, samples: [1, 2, 3, 4])
            file.entries[259] = .short([8])
            let header = try header(of: file.bytes)
            #expect(header.storedSize == size)
            #expect(header.heldByteCount == size.width * 16 * (4 + 2))
        }
    }
}
