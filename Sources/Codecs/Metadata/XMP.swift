/// What has to be known of XMP packets (ISO 16684-1) to hand them on.
enum XMP {
    /// The same packet for a picture that was turned upright: Adobe's programs put EXIF's orientation into XMP as well, and
    /// would turn the picture by it once more.
    static func upright(_ packet: [UInt8]) -> [UInt8] {
        var packet = packet
        let name = Array("tiff:Orientation".utf8)
        var index = 0
        while let found = packet[index...].firstRange(of: name) {
            index = found.upperBound
            // <tiff:Orientation>6</…> or tiff:Orientation="6"
            let value = packet[index...].prefix(6).firstIndex { (UInt8(ascii: "1")...UInt8(ascii: "8")).contains($0) }
            let between = packet[index..<(value ?? index)]
            if let value, between.allSatisfy({ [0x3D, 0x22, 0x27, 0x3E, 0x20].contains($0) }) {
                packet[value] = UInt8(ascii: "1")
            }
        }
        return packet
    }
}
