import Imaging

/// What makes a TIFF that was written without metadata one that has them: its directory once more, with what is added, behind
/// its end.
struct TIFFAddition {
    /// Replaces the file's first bytes.
    let header: [UInt8]
    /// Goes behind the file's last byte.
    let tail: [UInt8]

    /// - Parameter file: in the byte order of the EXIF block.
    /// - Returns: `nil` where there is nothing to add.
    /// - Throws: ``EncodeError/failed(_:reason:)`` where the file is so large that 32 bits do not count its bytes.
    init?(_ metadata: PictureMetadata, to file: Span<UInt8>) throws(EncodeError) {
        var added: [TIFFEntry] = []
        // TIFF 6.0 has no type for either: XMP's specification asks for bytes, that of profiles for what is undefined.
        if let xmp = metadata.xmp { added.append(TIFFEntry(.xmp, type: 1, bytes: xmp)) }
        if let profile = metadata.profile?.bytes { added.append(TIFFEntry(.profile, type: 7, bytes: profile)) }
        guard metadata.exif != nil || !added.isEmpty, let layout = TIFFLayout(file),
            let directory = layout.firstDirectory(file)
        else { return nil }

        var entries = directory.references(file)
        added.forEach { entries.set($0) }
        let start = (file.count + 1) & ~1
        let tables =
            metadata.exif?.tables(at: start, with: entries) ?? TIFFTables([entries], at: start, layout.order).bytes
        guard UInt32(exactly: start + tables.count) != nil else {
            throw .failed(.tiff, reason: "more than 4 GB with the metadata")
        }
        var header = file.extracting(first: 4).array
        header.append(start, byteCount: 4, layout.order)
        self.header = header
        tail = [UInt8](repeating: 0, count: start - file.count) + tables
    }
}
