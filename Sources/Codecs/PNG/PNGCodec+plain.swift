import Imaging

extension PNGCodec {
    package static func withoutMetadata(_ image: EncodedImage) -> [UInt8]? {
        image.withBytes { bytes in
            var result = bytes.extracting(first: 8).array
            var chunks = PNGChunks()
            while let (name, content) = chunks.next(in: bytes) {
                // With its length, name and checksum; the last of a file that was cut off may lack some.
                if isKept(bytes, at: name) {
                    result += bytes.extracting(name - 4..<min(content.upperBound + 4, bytes.count)).array
                }
                if bytes.starts(with: "IEND", at: name) { break }
            }
            return result
        }
    }

    /// Whether a picture or animation without this chunk would look otherwise: those that are critical, which begin with a
    /// capital (ISO/IEC 15948, section 5.4), and of the others these.
    private static func isKept(_ bytes: Span<UInt8>, at name: Int) -> Bool {
        if bytes[name] & 0x20 == 0 { return true }
        for known in looks where bytes.starts(with: known, at: name) { return true }
        return false
    }

    private static let looks: [StaticString] = [
        "acTL", "bKGD", "cHRM", "cICP", "cLLI", "fcTL", "fdAT", "gAMA", "iCCP", "mDCV", "pHYs", "sBIT", "sRGB", "tRNS",
    ]
}
