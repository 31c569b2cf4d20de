import Fuzzing
import Imaging

@testable import Codecs

/// What an EXIF block yields is short and printable, whatever the block says.
@main enum FuzzEXIF {
    static func main() { fuzz(feed) }

    private static func feed(_ block: [UInt8]) {
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
