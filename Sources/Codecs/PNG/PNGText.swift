/// The chunk of international text that holds XMP (XMP specification, part 3, section 1.1.5).
enum PNGText {
    /// The keyword; neither compressed, nor with a language or a translated keyword.
    private static let beginning: StaticString = "XML:com.adobe.xmp\0\0\0\0\0"

    static func content(ofXMP packet: [UInt8]) -> [UInt8] {
        beginning.withUTF8Buffer { unsafe Array($0) } + packet
    }

    /// The first packet in a file; `nil` also where it is compressed, which the specification advises against.
    static func xmp(in bytes: Span<UInt8>) -> [UInt8]? {
        var chunks = PNGChunks()
        while let (name, content) = chunks.next(in: bytes) {
            guard bytes.starts(with: "iTXt", at: name), content.count <= PictureMetadata.byteLimit,
                bytes.extracting(content).starts(with: beginning)
            else { continue }
            return bytes.extracting(content).extracting(droppingFirst: beginning.utf8CodeUnitCount).array
        }
        return nil
    }
}
