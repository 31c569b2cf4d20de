import Codecs
import Imaging

extension Renderer {
    /// What of the source's metadata goes into the result: nothing unless the plan keeps it, and the profile only where the
    /// result is gray or coloured as the source is.
    func keptMetadata(
        of image: EncodedImage, _ codec: any ImageCodec.Type, _ header: ImageHeader, by plan: Plan, _ course: Course
    ) throws -> PictureMetadata {
        let format = plan.output.format ?? header.format
        guard plan.output.keepsMetadata, format.holdsMetadata else { return PictureMetadata() }
        var metadata = try codec.metadata(of: image)
        if metadata.profile != nil {
            // The stages know what they make of which rows; none of these is read.
            let rows = try course.source(reading: NoRows(header.decodedLayout()), Watch(rowCount: 1) { _ in })
            metadata.fit(toGray: rows.layout.format == .gray8 && format.holdsGray)
        }
        return metadata
    }
}

/// A picture of which nothing but the layout is known.
private final class NoRows: RowSource {
    let layout: RowLayout

    init(_ layout: RowLayout) { self.layout = layout }

    func readRow(into row: inout MutableSpan<UInt8>) { preconditionFailure("these rows are not there") }
}

extension ImageFormat {
    /// Whether files have a place for EXIF, XMP and profiles that other programs look at.
    fileprivate var holdsMetadata: Bool { self != .gif && self != .bmp }

    /// Whether gray pictures are written as gray ones.
    fileprivate var holdsGray: Bool { self != .webp }
}
