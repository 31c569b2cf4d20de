import CJPEG
import Imaging

/// Rows of a JPEG, scaled down in the DCT domain as far as was asked for.
final class JPEGDecoder: RowSource {
    let layout: RowLayout
    private let reader: JPEGReader
    private let transform: ColorTransform?

    init(_ image: EncodedImage, _ request: DecodeRequest) throws {
        let reader = try JPEGReader(image)
        let scale = JPEGScale(of: reader.storedSize, atLeast: request.leastSize)
        transform = reader.transform(request)
        let isLuma = request.onlyLuma && reader.color == CJPEG_YCBCR && transform == nil
        let isGray = reader.color == CJPEG_GRAY || isLuma
        layout = RowLayout(
            size: scale.size(of: reader.storedSize), format: isGray ? .gray8 : .rgba8, isOpaque: true)
        try reader.start(eighths: scale.eighths, onlyLuma: isGray, request.checkpoint)
        self.reader = reader
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try reader.readRow(into: &row)
        if let transform {
            transform.apply(to: &row, format: layout.format)
        } else if reader.color == CJPEG_CMYK {
            CMYK.convert(&row, isInverted: reader.hasAdobeMarker)
        }
    }
}
