import Imaging

extension GIFCodec {
    package static func withoutMetadata(_ image: EncodedImage) -> [UInt8]? {
        image.withBytes { bytes in
            var result: [UInt8] = []
            GIFFrames.forEachPart(of: bytes) { part in
                if isKept(part) { result += part.array }
            }
            return result
        }
    }

    /// Whether a picture or animation without this part would look otherwise: of the extensions of applications those that
    /// tell how often it is shown, and its profile. Comments are for readers.
    private static func isKept(_ part: Span<UInt8>) -> Bool {
        guard part.count > 2, part[0] == 0x21 else { return true }
        switch part[1] {
        case 0xFE: return false
        case 0xFF:
            let name = part.extracting(droppingFirst: 3).extracting(first: 11)
            return GIFLoop.begins(name) || GIFProfile.begins(name)
        default: return true
        }
    }
}
