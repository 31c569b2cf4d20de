import Imaging

extension TIFFCodec {
    /// Offsets lead all through a TIFF, so that it is taken whole or not at all.
    package static func withoutMetadata(_ image: EncodedImage) -> [UInt8]? {
        guard let metadata = try? metadata(of: image), metadata.exif == nil, metadata.xmp == nil else { return nil }
        return image.withBytes { $0.array }
    }
}
