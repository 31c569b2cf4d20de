import Imaging

@testable import Codecs

/// What an EXIF block yields is short and printable, whatever the block says.
enum EXIFFuzzer: Fuzzer {
    static let name = "exif"

    /// In either byte order: the maker, the orientation and the time of a photo; the orientation alone.
    static let seeds = [
        hex("49492a00 08000000 0300")
            + hex("0f01 0200 05000000 32000000 1201 0300 01000000 06000000 6987 0400 01000000 38000000 00000000")
            + text("Acme\0\0") + hex("0100 0390 0200 14000000 46000000") + text("2024:05:01 18:30:09\0"),
        text("Exif\0\0") + hex("4d4d002a 00000008 0001 0112 0003 00000001 00060000 00000000"),
    ]

    static func feed(_ block: [UInt8]) {
        if let orientation = Orientation(exif: block.span) { precondition((1...8).contains(orientation.rawValue)) }
        let exif = EXIF(block.span)
        for text in [exif.cameraMake, exif.cameraModel, exif.dateTaken].compactMap({ $0 }) {
            precondition((1...100).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
        precondition(exif.dateTaken.map { $0.utf8.count == 19 } ?? true)
        guard var kept = EXIFBlock(block.span) else { return }
        kept.describe(3, 2)
        let written = kept.bytes
        precondition(Orientation(exif: written.span) == .upright)
        precondition(EXIFBlock(written.span) != nil)
    }
}
