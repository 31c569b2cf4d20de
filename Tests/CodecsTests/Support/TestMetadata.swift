import Imaging
import TestPictures

@testable import Codecs

/// Files of 16 × 8 pixels with EXIF, XMP and a profile, put together by hand.
struct TestMetadata {
    var isBigEndian = false
    /// The first directory.
    var image: [Int: TestTIFF.Value] = [
        0x010F: .text("Tintype"), 0x0110: .text("T1"), 0x0112: .short([6]), 0x0132: .text("2026:11:22 10:00:00"),
        0x8298: .text("nobody"),
        0x8769: .directory([
            0x9003: .text("2026:11:21 09:08:07"), 0x927C: .bytes((0..<40).map { UInt8($0) }), 0xA001: .short([0xFFFF]),
            0xA002: .long([16]), 0xA003: .long([8]), 0xA005: .directory([1: .text("R03")]),
        ]),
        0x8825: .directory([1: .text("N"), 2: .long([1, 2, 3, 4, 5, 6])]),
    ]
    var xmp = Array("<x:xmpmeta><rdf tiff:Orientation=\"6\" dc:title='six 6'/></x:xmpmeta>".utf8)
    var profile = TestProfile.display(
        [[0.5, 0.3, 0], [0.3, 0.6, 0.1], [0.2, 0.1, 0.7]], curve: TestProfile.gamma(1.8)
    )
    .bytes

    static let formats: [ImageFormat] = [.jpeg, .png, .webp, .tiff]

    /// The EXIF block.
    var block: [UInt8] {
        var tiff = TestTIFF(0, 0, samples: [])
        tiff.isBigEndian = isBigEndian
        tiff.entries = image
        return tiff.bytes
    }

    func file(_ format: ImageFormat) throws -> [UInt8] {
        switch format {
        case .jpeg:
            let markers =
                marker(0xE1, Array("Exif\0\0".utf8) + block)
                + marker(0xE1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + xmp)
                + marker(0xE2, Array("ICC_PROFILE\0".utf8) + [1, 1] + profile)
            return try Picture.sample(16, 8, .opaque).encoded(.jpeg).inserting(markers, at: 2)
        case .png:
            var png = TestPNG(16, 8, bits: 8, color: 2, samples: (0..<16 * 8 * 3).map { $0 % 256 })
            png.exif = block
            png.profile = profile
            png.chunks = [("iTXt", Array("XML:com.adobe.xmp\0\0\0\0\0".utf8) + xmp)]
            return png.bytes()
        case .webp:
            let simple = try Picture.sample(16, 8, .opaque).encoded(.webp)
            // Flags for a profile, EXIF and XMP.
            let extended = chunk("VP8X", [0x2C, 0, 0, 0, 15, 0, 0, 7, 0, 0])
            let parts = chunk("ICCP", profile) + simple[12...] + chunk("EXIF", block) + chunk("XMP ", xmp)
            let body = Array("WEBP".utf8) + extended + parts
            return Array("RIFF".utf8) + [UInt8](little: UInt32(body.count)) + body
        default:
            var tiff = TestTIFF(
                16, 8, bits: [8, 8, 8], photometric: 2, samples: (0..<16 * 8 * 3).map { UInt8($0 % 256) })
            tiff.isBigEndian = isBigEndian
            tiff.entries.merge(image) { _, new in new }
            tiff.entries[700] = .bytes(xmp)
            tiff.entries[34_675] = .bytes(profile)
            return tiff.bytes
        }
    }

    private func marker(_ code: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, code] + [UInt8](big: UInt32(content.count + 2), 2) + content
    }

    private func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        Array(name.utf8) + [UInt8](little: UInt32(content.count)) + content
            + [UInt8](repeating: 0, count: content.count % 2)
    }
}
