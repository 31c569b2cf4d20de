import Imaging
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
        let marker = [0xFF, 0xE1] + [UInt8](big: UInt32(block.count + 8), 2) + Array("Exif\0\0".utf8) + block
        let jpeg = try Picture.sample(16, 8, .gray).encoded(.jpeg).inserting(marker, at: 2)
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

    /// The extended container (RFC 9649, section 2.7): flags, canvas sides less one in 24 bits, then the chunks.
    @Test func `WebP carries it`() throws {
        let simple = try Picture.sample(16, 8, .opaque).encoded(.webp)
        let block = Self.block(8, isBigEndian: true)
        let extended = Array("VP8X".utf8) + [UInt8](little: 10) + [UInt8](little: 8) + [15, 0, 0, 7, 0, 0]
        let exif = Array("EXIF".utf8) + [UInt8](little: UInt32(block.count)) + block
        let body = Array("WEBP".utf8) + extended + simple[12...] + exif
        let file = Array("RIFF".utf8) + [UInt8](little: UInt32(body.count)) + body
        #expect(try header(of: file).orientation == .rotated270)
        #expect(try Picture(decoding: file) == Picture(decoding: simple))
    }
}
