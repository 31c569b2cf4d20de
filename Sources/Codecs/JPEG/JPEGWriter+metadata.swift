extension JPEGWriter {
    /// Writes what goes before the picture; what does not fit into a marker is left out.
    func write(_ metadata: PictureMetadata) throws(EncodeError) {
        if let exif = metadata.exif { try writeMarker(Array("Exif\0\0".utf8) + exif.bytes) }
        if let xmp = metadata.xmp { try writeMarker(Array("http://ns.adobe.com/xap/1.0/\0".utf8) + xmp) }
        if let profile = metadata.profile { try writeProfile(profile.bytes) }
    }

    /// What a marker holds, in bytes: two of its 65535 count them.
    private static let mostBytes = 65_533

    private func writeMarker(_ bytes: [UInt8]) throws(EncodeError) {
        guard bytes.count <= Self.mostBytes else { return }
        try writeApp1(bytes)
    }
}
