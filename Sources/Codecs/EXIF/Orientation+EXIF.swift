import Imaging

extension Orientation {
    /// Finds the orientation in an EXIF block: a TIFF structure in either byte order (EXIF 2.32, section 4.6).
    ///
    /// Most blocks in the wild break some rule, so what cannot be read counts as absent. Only the first directory is read,
    /// once and from front to back, so no block can make this loop.
    /// - Returns: `nil` where there is no orientation of 1…8.
    init?(exif block: Span<UInt8>) {
        // What precedes the structure in JPEG has slipped into many a WebP and PNG.
        let exif = block.starts(with: "Exif\0\0") ? block.extracting(droppingFirst: 6) : block
        let order: ByteOrder
        if exif.starts(with: "II") {
            order = .littleEndian
        } else if exif.starts(with: "MM") {
            order = .bigEndian
        } else {
            return nil
        }
        guard exif.uint16(at: 2, order) == 42, let directory = exif.uint32(at: 4, order).flatMap(Int.init(exactly:)),
            let entryCount = exif.uint16(at: directory, order)
        else { return nil }
        for entry in 0..<Int(entryCount) {
            let offset = directory + 2 + entry * 12
            guard let tag = exif.uint16(at: offset, order) else { return nil }
            guard tag == Self.exifTag else { continue }
            // Type 3 is a 16-bit number, which lies at the front of the four bytes of the value.
            guard exif.uint16(at: offset + 2, order) == 3, exif.uint32(at: offset + 4, order) == 1,
                let value = exif.uint16(at: offset + 8, order)
            else { return nil }
            self.init(rawValue: UInt8(truncatingIfNeeded: min(value, 255)))
            return
        }
        return nil
    }

    private static let exifTag: UInt16 = 0x0112
}
