import Imaging
import TestPictures
import Testing

@testable import Codecs

@Suite struct `JPEG` {
    @Test(arguments: [
        ("progressive", Fixtures.progressiveJPEG), ("restart markers", Fixtures.restartJPEG),
        ("CMYK", Fixtures.cmykJPEG),
    ])
    func `kinds that we do not write are read`(_ file: (name: String, bytes: [UInt8])) throws {
        let picture = try Picture(decoding: file.bytes)
        #expect(picture.layout == RowLayout(size: Size(width: 32, height: 32), format: .rgba8, isOpaque: true))
        expectQuarters(picture, within: 4)
    }

    @Test func `a progressive file says that it must be held`() throws {
        #expect(try header(of: Fixtures.progressiveJPEG).needsWholePicture)
        #expect(try !header(of: Fixtures.restartJPEG).needsWholePicture)
    }

    /// Without the Adobe marker 255 is full ink, so the same bytes show `(255 − C)(255 − K) / 255` for `CK / 255`. The fixture
    /// has no black (K = 255 inverted), which then is full: all is black.
    @Test func `without the Adobe marker inks are not inverted`() throws {
        let bytes = Fixtures.cmykJPEG
        let marker = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xEE })
        let length = Int(bytes[marker + 2]) << 8 | Int(bytes[marker + 3])
        let picture = try Picture(decoding: bytes.replacing(marker..<marker + 2 + length, with: []))
        #expect(picture.pixel(5, 5).prefix(3).allSatisfy { $0 <= 4 })
    }

    @Test func `12 bits, arithmetic coding and lossless are refused with a reason`() throws {
        let bytes = try Picture.sample(16, 16, .gray).encoded(.jpeg)
        let frame = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        for (offset, value) in [(4, UInt8(12)), (1, 0xC9), (1, 0xC3)] {
            let changed = bytes.replacing(frame + offset..<frame + offset + 1, with: [value])
            let error = #expect(throws: DecodeError.self) { try header(of: changed) }
            guard case .unsupported(.jpeg, let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test func `a missing end mark is forgiven`() throws {
        let bytes = try Picture.sample(40, 40, .opaque).encoded(.jpeg)
        #expect(bytes.suffix(2) == [0xFF, 0xD9])
        #expect(try Picture(decoding: Array(bytes.dropLast(2))) == Picture(decoding: bytes))
        #expect(
            try Picture(decoding: Array(Fixtures.progressiveJPEG.dropLast(2)))
                == Picture(decoding: Fixtures.progressiveJPEG))
    }

    @Test func `a cut within the last sixteenth is forgiven, an earlier one is not`() throws {
        let picture = Picture(64, 512, .gray8, isOpaque: true) { x, y in [UInt8((x * 7 + y * 13) % 256)] }
        let bytes = try picture.encoded(.jpeg)
        let whole = try Picture(decoding: bytes)
        let cut = try Picture(decoding: Array(bytes.dropLast(40)))
        #expect(cut.pixels.prefix(64 * 504) == whole.pixels.prefix(64 * 504))
        #expect(throws: DecodeError.truncated) { try Picture(decoding: Array(bytes.dropLast(bytes.count / 10))) }
    }

    @Test func `a progressive file with fewer scans is refused`() throws {
        let bytes = Fixtures.progressiveJPEG
        let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        #expect(scans.count > 2)
        for scan in scans { #expect(throws: DecodeError.truncated) { try Picture(decoding: Array(bytes[..<scan])) } }
    }

    @Test(arguments: [UInt8(0xE1), 0xE2])
    func `more than a thousand markers that are kept are refused`(_ marker: UInt8) throws {
        let plain = try Picture.sample(16, 8, .opaque).encoded(.jpeg)
        let markers = { (count: Int) -> [UInt8] in (0..<count).flatMap { _ -> [UInt8] in [0xFF, marker, 0, 2] } }
        #expect(try Picture(decoding: plain.inserting(markers(1000), at: 2)) == Picture(decoding: plain))
        #expect(throws: DecodeError.malformed(.jpeg, reason: "more than 1000 markers of EXIF or a profile")) {
            try header(of: plain.inserting(markers(1001), at: 2))
        }
    }

    /// What libjpeg skips on its way from marker to marker, or reads as one of its own.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("a byte", [0]), ("text", Array("and so on".utf8)), ("fillers", [0xFF, 0xFF, 0xFF]),
            ("a stuffed zero", [0xFF, 0]), ("a restart marker", [0xFF, 0xD3]), ("a marker without length", [0xFF, 1]),
            ("a length below two", [0xFF, 0xE3, 0, 0]), ("a comment", [0xFF, 0xFE, 0, 3, 0xFF]),
        ] as [(String, [UInt8])])
    func `markers that are kept are counted whatever stands between them`(_ between: (name: String, bytes: [UInt8]))
        throws
    {
        let plain = try Picture.sample(16, 8, .opaque).encoded(.jpeg)
        let marker: [UInt8] = [0xFF, 0xE1, 0, 2]
        let markers = { (count: Int) -> [UInt8] in (0..<count).flatMap { _ in marker } }
        let spread = { (count: Int) -> [UInt8] in (0..<count).flatMap { _ in between.bytes + marker } }
        // Behind the first marker, by which a file is known to be a JPEG.
        let place = 4 + Int(plain[5])
        #expect(try Picture(decoding: plain.inserting(spread(1000), at: place)) == Picture(decoding: plain))
        // As many as take hours where each is counted by those before it.
        for many in [between.bytes + markers(1001), spread(1001), between.bytes + markers(2_000_000)] {
            try #require(throws: DecodeError.malformed(.jpeg, reason: "more than 1000 markers of EXIF or a profile")) {
                try header(of: plain.inserting(many, at: place))
            }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [UInt8(0xE3), 0xFE])
    func `markers that are not kept may be any number`(_ marker: UInt8) throws {
        let plain = try Picture.sample(16, 8, .opaque).encoded(.jpeg)
        let markers = (0..<500_000).flatMap { _ -> [UInt8] in [0xFF, marker, 0, 2] }
        #expect(try Picture(decoding: plain.inserting(markers, at: 2)) == Picture(decoding: plain))
    }

    /// Two bytes for each sample of luma and chroma, and for what fills up the last block.
    @Test(arguments: [
        (32, TestJPEG.Channels.rgb, 1, 1, 6), (32, .rgb, 2, 1, 4), (32, .rgb, 1, 2, 4), (32, .rgb, 2, 2, 3),
        (32, .rgb, 4, 1, 3), (32, .gray, 1, 1, 2), (32, .cmyk, 1, 1, 8), (1, .gray, 1, 1, 128), (1, .rgb, 2, 2, 768),
    ])
    func `a progressive file says what its coefficients take`(
        _ side: Int, _ channels: TestJPEG.Channels, _ across: Int, _ down: Int, _ expected: Int
    ) throws {
        let samples = [UInt8](repeating: 90, count: side * side * channels.rawValue)
        var file = TestJPEG(side, side, channels, samples: samples)
        (file.chroma, file.isProgressive) = ((across, down), true)
        #expect(try header(of: file.bytes).heldByteCount == expected * side * side)
        file.isProgressive = false
        #expect(try header(of: file.bytes).heldByteCount == 0)
    }

    /// Of 8 × 100 blocks, and ten scans, of which each goes through all of them.
    private static let manyScans: [UInt8] = {
        let samples = (0..<64 * 800 * 3).map { index in UInt8(truncatingIfNeeded: index * 7 + index / 191) }
        var file = TestJPEG(64, 800, .rgb, samples: samples)
        file.isProgressive = true
        return file.bytes
    }()

    private struct Stop: Error {}

    @Test(arguments: [false, true])
    func `scans are read until a checkpoint says no`(_ asPlanes: Bool) throws {
        let image = EncodedImage(Self.manyScans)
        var request = DecodeRequest()
        var calls = 0
        func decode() throws {
            if asPlanes {
                _ = try #require(try JPEGCodec.planes(of: image, request))
            } else {
                _ = try JPEGCodec.decoder(for: image, request)
            }
        }
        request.checkpoint = { calls += 1 }
        try decode()
        #expect(calls >= 10 * 100)
        calls = 0
        request.checkpoint = {
            calls += 1
            if calls == 150 { throw Stop() }
        }
        #expect(throws: Stop.self) { try decode() }
        #expect(calls == 150)
    }

    @Test func `being asked whether to go on changes no pixel`() throws {
        let pixels = OtherReader.pixels(of: Self.manyScans, .jpeg, Size(width: 64, height: 800))
        #expect(try Picture(decoding: Self.manyScans).pixels == pixels)
    }

    @Test func `more than a hundred scans are refused`() throws {
        let bytes = Fixtures.progressiveJPEG
        let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        let last = Array(bytes[scans[scans.count - 1]..<bytes.count - 2])
        var bomb = Array(bytes.dropLast(2))
        for _ in 0..<120 { bomb += last }
        bomb += [0xFF, 0xD9]
        #expect(throws: DecodeError.malformed(.jpeg, reason: "more than 100 scans")) {
            try Picture(decoding: bomb)
        }
    }

    @Test func `bytes after the end are ignored`() throws {
        let bytes = try Picture.sample(40, 40, .opaque).encoded(.jpeg)
        #expect(try Picture(decoding: bytes + Array("and so on".utf8)) == Picture(decoding: bytes))
    }

    @Test(arguments: [
        (Size(width: 1, height: 1), Size(width: 13, height: 7)),
        (Size(width: 13, height: 7), Size(width: 13, height: 7)),
        (Size(width: 14, height: 7), Size(width: 25, height: 13)),
        (Size(width: 50, height: 1), Size(width: 50, height: 25)),
        (Size(width: 51, height: 1), Size(width: 100, height: 50)),
        (Size(width: 500, height: 1), Size(width: 100, height: 50)),
    ])
    func `it is scaled down by halves as far as the least size allows`(_ least: Size, _ expected: Size) throws {
        var request = DecodeRequest()
        request.leastSize = least
        let bytes = try Picture.sample(100, 50, .opaque).encoded(.jpeg)
        let picture = try Picture(decoding: bytes, request)
        #expect(picture.layout.size == expected)
        // The left and right thirds keep their green.
        #expect(abs(Int(picture.pixel(0, 0)[1]) - 40) < 12)
        #expect(abs(Int(picture.pixel(expected.width - 1, 0)[1]) - 200) < 12)
    }

    /// Luma of ITU-R BT.601, which JFIF uses: 0.299 R + 0.587 G + 0.114 B.
    @Test func `luma alone is the gray of the colours`() throws {
        let picture = Picture(16, 16, .rgba8, isOpaque: true) { _, _ in [200, 100, 50, 255] }
        var request = DecodeRequest()
        request.onlyLuma = true
        let gray = try Picture(decoding: picture.encoded(.jpeg), request)
        #expect(gray.layout.format == .gray8)
        #expect(abs(Int(gray.pixels[0]) - 124) <= 2)
    }

    @Test func `optimised tables make a smaller file with the same pixels`() throws {
        let picture = Picture.sample(200, 100, .opaque)
        let usual = try picture.encoded(.jpeg), optimised = try picture.encoded(.jpeg) { $0.effort = .strongest }
        #expect(optimised.count < usual.count)
        #expect(try Picture(decoding: optimised) == Picture(decoding: usual))
    }
}

/// Checks the middles of the four squares.
func expectQuarters(_ picture: Picture, within tolerance: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    let quarters = [
        (8, 8, Quarters.upperLeft), (24, 8, Quarters.upperRight), (8, 24, Quarters.lowerLeft),
        (24, 24, Quarters.lowerRight),
    ]
    for (x, y, color) in quarters {
        let found = picture.pixel(x, y)
        let isClose = zip(found, color).allSatisfy { abs(Int($0) - Int($1)) <= tolerance }
        #expect(isClose, "\(found) at \(x), \(y)", sourceLocation: sourceLocation)
    }
}
