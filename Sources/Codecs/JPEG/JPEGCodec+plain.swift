import Imaging

extension JPEGCodec {
    package static func withoutMetadata(_ image: EncodedImage) -> [UInt8]? {
        image.withBytes { plain($0) }
    }

    /// Goes through the markers (ITU-T T.81, annex B) up to the end of the picture. What follows it is none of the picture: some
    /// cameras put a film there.
    private static func plain(_ bytes: Span<UInt8>) -> [UInt8]? {
        guard bytes.uint16(at: 0, .bigEndian) == 0xFFD8 else { return nil }
        var result: [UInt8] = [0xFF, 0xD8]
        result.reserveCapacity(bytes.count)
        var position = 2
        while position + 1 < bytes.count {
            guard bytes[position] == 0xFF else { return nil }
            let marker = bytes[position + 1]
            switch marker {
            case 0xFF:
                position += 1
            case 0x01, 0xD0...0xD7:
                // Stand alone, and mean nothing here.
                position += 2
            case 0xD9:
                return result + [0xFF, 0xD9]
            default:
                guard let length = bytes.uint16(at: position + 2, .bigEndian), length >= 2,
                    bytes.count - position - 2 >= Int(length)
                else { return nil }
                var end = position + 2 + Int(length)
                let isKept = isKept(marker, bytes.extracting(position + 4..<end))
                if marker == 0xDA { end = endOfScan(from: end, in: bytes) }
                if isKept { result += bytes.extracting(position..<end).array }
                position = end
            }
        }
        // Without its end marker, as some are.
        return result
    }

    /// Whether a picture without this segment would look otherwise. Of those for applications these are JFIF's, whose density
    /// is the pixels' shape, the profile's, and Adobe's, which says what the samples are.
    private static func isKept(_ marker: UInt8, _ content: Span<UInt8>) -> Bool {
        switch marker {
        case 0xE0: content.starts(with: "JFIF\0")
        case 0xE2: content.starts(with: "ICC_PROFILE\0")
        case 0xEE: content.starts(with: "Adobe")
        case 0xE1...0xEF, 0xFE: false
        default: true
        }
    }

    /// Where the next marker begins that is no part of a scan.
    private static func endOfScan(from start: Int, in bytes: Span<UInt8>) -> Int {
        var position = start
        while position + 1 < bytes.count {
            if bytes[position] == 0xFF {
                let next = bytes[position + 1]
                if next != 0, next != 0xFF, !(0xD0...0xD7).contains(next) { return position }
            }
            position += 1
        }
        return bytes.count
    }
}
