import Imaging

extension Orientation {
    /// Finds the orientation in an EXIF block: a TIFF structure in either byte order (EXIF 2.32, section 4.6).
    ///
    /// Most blocks in the wild break some rule, so what cannot be read counts as absent.
    /// - Returns: `nil` where there is no orientation of 1…8.
    init?(exif block: Span<UInt8>) {
        let value = TIFFDirectory.inEXIF(block) { directory, bytes in directory.short(.orientation, bytes) }
        guard let value else { return nil }
        self.init(rawValue: UInt8(truncatingIfNeeded: min(value, 255)))
    }
}

extension TIFFDirectory {
    /// Lends the first directory of an EXIF block and the bytes that it lies in.
    static func inEXIF<R>(_ block: Span<UInt8>, _ body: (TIFFDirectory, Span<UInt8>) -> R?) -> R? {
        // What precedes the structure in JPEG has slipped into many a WebP and PNG.
        let bytes = block.starts(with: "Exif\0\0") ? block.extracting(droppingFirst: 6) : block
        return TIFFLayout(bytes)?.firstDirectory(bytes).flatMap { body($0, bytes) }
    }
}
