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
}
