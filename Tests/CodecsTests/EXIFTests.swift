import Imaging
import TestPictures
import Testing

@testable import Codecs

@Suite struct `EXIF orientation` {
    /// An EXIF block with two entries, the second of which is the orientation.
    static func block(_ orientation: Int, isBigEndian: Bool) -> [UInt8] {
        var tiff = TestTIFF(0, 0, samples: [])
        tiff.isBigEndian = isBigEndian
        tiff.entries = [0x010F: .short([7]), 0x0112: .short([orientation])]
        return tiff.bytes
    }

    static func orientation(in block: [UInt8]) -> Orientation? { Orientation(exif: block.span) }

    @Test(arguments: Orientation.allCases, [false, true])
    func `every value is read in both byte orders`(_ orientation: Orientation, _ isBigEndian: Bool) {
        let block = Self.block(Int(orientation.rawValue), isBigEndian: isBigEndian)
        #expect(Self.orientation(in: block) == orientation)
        #expect(Self.orientation(in: Array("Exif\0\0".utf8) + block) == orientation)
    }

    @Test(arguments: [0, 9, 255, 256, 65_535])
    func `values without a meaning count as absent`(_ value: Int) {
        #expect(Self.orientation(in: Self.block(value, isBigEndian: true)) == nil)
    }

    @Test func `a block that is cut or lies about its extent counts as absent`() {
        let block = Self.block(6, isBigEndian: false)
        // The orientation's value ends eight bytes before the end of the directory.
        for count in 0..<block.count - 6 { #expect(Self.orientation(in: Array(block[..<count])) == nil) }
        #expect(Self.orientation(in: block.replacing(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])) == nil)
        #expect(Self.orientation(in: block.replacing(8..<10, with: [0xFF, 0xFF])) == .rotated90)
    }

    @Test(arguments: Orientation.allCases, [false, true])
    func `JPEG, PNG and TIFF carry it`(_ orientation: Orientation, _ isBigEndian: Bool) throws {
        let block = Self.block(Int(orientation.rawValue), isBigEndian: isBigEndian)
        let jpeg = try TestEXIF.jpeg(holding: block)
        var png = TestPNG(2, 1, bits: 8, color: 0, samples: [1, 2])
        png.exif = block
        var tiff = TestTIFF(2, 1, samples: [1, 2])
        tiff.isBigEndian = isBigEndian
        tiff.entries[274] = .short([Int(orientation.rawValue)])
        for file in [jpeg, png.bytes(), tiff.bytes] {
            let header = try header(of: file)
            #expect(header.orientation == orientation)
            #expect(
                header.size.width == (orientation.rawValue < 5 ? header.storedSize.width : header.storedSize.height))
        }
    }

    @Test func `WebP carries it`() throws {
        let file = try TestEXIF.webP(holding: Self.block(8, isBigEndian: true))
        #expect(try header(of: file).orientation == .rotated270)
        #expect(try Picture(decoding: file) == Picture(decoding: Picture.sample(16, 8, .opaque).encoded(.webp)))
    }
}

@Suite struct `EXIF's camera and date` {
    private static let date = "2024:05:01 18:30:09"

    private static func tiff(
        make: String = "Acme", model: String = "Acme One", date: String = date, isBigEndian: Bool = false
    ) -> TestTIFF {
        var tiff = TestTIFF(2, 1, samples: [1, 2])
        tiff.isBigEndian = isBigEndian
        tiff.entries[0x010F] = .text(make)
        tiff.entries[0x0110] = .text(model)
        tiff.entries[0x8769] = .directory([0x9000: .long([2]), 0x9003: .text(date)])
        return tiff
    }

    private static func block(_ tiff: TestTIFF) -> [UInt8] {
        var block = tiff
        block.pixels = []
        block.entries = tiff.entries.filter { $0.key == 0x010F || $0.key == 0x0110 || $0.key > 0x8000 }
        return block.bytes
    }

    private static func exif(_ block: [UInt8]) -> EXIF { EXIF(block.span) }

    @Test(arguments: [false, true])
    func `are read from JPEG, PNG, WebP and TIFF, in both byte orders`(_ isBigEndian: Bool) throws {
        let tiff = Self.tiff(isBigEndian: isBigEndian)
        let block = Self.block(tiff)
        var png = TestPNG(2, 1, bits: 8, color: 0, samples: [1, 2])
        png.exif = block
        for file in [
            try TestEXIF.jpeg(holding: block), png.bytes(), try TestEXIF.webP(holding: block), tiff.bytes,
        ] {
            let exif = try facts(of: file).exif
            #expect(exif.cameraMake == "Acme")
            #expect(exif.cameraModel == "Acme One")
            #expect(exif.dateTaken == "2024-05-01T18:30:09")
        }
    }

    @Test(arguments: ImageFormat.allCases)
    func `are absent where nobody wrote them`(_ format: ImageFormat) throws {
        #expect(try facts(of: Picture.sample(16, 8, .opaque).encoded(format)).exif == EXIF())
    }

    @Test func `of a block that is cut are those that are still there`() {
        let block = Self.block(Self.tiff())
        for count in 0..<block.count {
            let exif = Self.exif(Array(block[..<count]))
            #expect([nil, "Acme"].contains(exif.cameraMake))
            #expect([nil, "Acme One"].contains(exif.cameraModel))
            #expect(exif.dateTaken == nil)
        }
        #expect(Self.exif(block).dateTaken != nil)
    }

    /// The third entry's value is where EXIF's directory is said to be.
    @Test(arguments: [0, 8, 10, 1 << 16, 0x7FFF_FFFF, 0xFFFF_FFFF])
    func `lead to no place outside, and into no circle`(_ offset: UInt32) {
        let block = Self.block(Self.tiff())
        let value = 8 + 2 + 2 * 12 + 8
        let exif = Self.exif(block.replacing(value..<value + 4, with: [UInt8](little: offset)))
        #expect(exif.cameraModel == "Acme One")
        #expect(exif.dateTaken == nil)
    }

    @Test(arguments: [0, 1000, 0xFFFF_FFFF] as [UInt32])
    func `whose length or place is a lie count as absent`(_ lie: UInt32) {
        let block = Self.block(Self.tiff())
        for field in [8 + 2 + 4, 8 + 2 + 8] {
            let exif = Self.exif(block.replacing(field..<field + 4, with: [UInt8](little: lie)))
            #expect(exif.cameraMake != "Acme")
            #expect(exif.cameraModel == "Acme One")
        }
    }

    @Test func `survive any bytes`() {
        let block = Self.block(Self.tiff(isBigEndian: true))
        var random = UInt64(1)
        for _ in 0..<5000 {
            var broken = block
            for _ in 0..<3 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                broken[Int(random >> 33) % block.count] = UInt8(truncatingIfNeeded: random >> 24)
            }
            _ = Self.exif(broken)
        }
    }

    @Test func `are one line of printable letters`() {
        let exif = Self.exif(Self.block(Self.tiff(make: "  Ac\n- Format\u{1B}[1m\u{7F}: é ", model: " \t ")))
        #expect(exif.cameraMake == "Ac- Format[1m:")
        #expect(exif.cameraModel == nil)
        let long = String(repeating: "x", count: 5000)
        #expect(Self.exif(Self.block(Self.tiff(make: long))).cameraMake?.count == 100)
    }

    @Test(
        arguments: [
            "0000:00:00 00:00:00", "    :  :     :  :  ", "", "2024:13:01 00:00:00", "2024:00:01 00:00:00",
            "2024:01:32 00:00:00", "2024:01:01 24:00:00", "2024:01:01 00:60:00", "2024-01-01T00:00:00",
            "2024:1:001 00:00:00", "+024:01:01 00:00:00", "2024:01:01 00:00:00 and more", "2024:01:01",
        ])
    func `have no date that never was`(_ text: String) {
        let exif = Self.exif(Self.block(Self.tiff(date: text)))
        #expect(exif.dateTaken == nil)
        #expect(exif.cameraMake == "Acme")
    }
}
