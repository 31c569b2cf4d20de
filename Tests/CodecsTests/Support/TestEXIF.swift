import Imaging
import TestPictures

/// Files with an EXIF block.
enum TestEXIF {
    /// In the first marker (EXIF 2.32, section 4.7.2).
    static func jpeg(holding block: [UInt8]) throws -> [UInt8] {
        let marker = [0xFF, 0xE1] + [UInt8](big: UInt32(block.count + 8), 2) + Array("Exif\0\0".utf8) + block
        return try Picture.sample(16, 8, .gray).encoded(.jpeg).inserting(marker, at: 2)
    }

    /// The extended container (RFC 9649, section 2.7): flags, canvas sides less one in 24 bits, then the chunks.
    static func webP(holding block: [UInt8]) throws -> [UInt8] {
        let simple = try Picture.sample(16, 8, .opaque).encoded(.webp)
        let extended = Array("VP8X".utf8) + [UInt8](little: 10) + [UInt8](little: 8) + [15, 0, 0, 7, 0, 0]
        let padding = [UInt8](repeating: 0, count: block.count % 2)
        let exif = Array("EXIF".utf8) + [UInt8](little: UInt32(block.count)) + block + padding
        let body = Array("WEBP".utf8) + extended + simple[12...] + exif
        return Array("RIFF".utf8) + [UInt8](little: UInt32(body.count)) + body
    }
}
