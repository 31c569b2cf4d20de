import Imaging

/// Rows of a TIFF: one by one where libtiff can, else by bands as high as a strip or tile.
final class TIFFDecoder<S: Sample>: RowSource {
    let layout: RowLayout
    private let reader: TIFFReader
    private let transform: ColorTransform?
    private let lab: TIFFLab?
    private var band: TIFFBand
    /// One row, all samples of its pixels.
    private var samples: [S]
    private var nextRow = 0

    init(_ reader: TIFFReader, _ request: DecodeRequest) throws(DecodeError) {
        layout = RowLayout(
            size: reader.size, format: PixelFormat(reader.samples.channels, isDeep: S.self == UInt16.self),
            isOpaque: !reader.samples.hasAlpha)
        band = TIFFBand(reader.bandShape)
        samples = [S](repeating: 0, count: reader.size.width * reader.samples.perPixel)
        self.reader = reader
        transform = reader.transform(request)
        lab = reader.samples.layout == .lab ? try TIFFLab() : nil
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try readSamples(into: &row)
        if let transform {
            transform.apply(to: &row, format: layout.format)
        } else if let lab {
            lab.convert(&row)
        } else if reader.samples.layout == .cmyk {
            CMYK.convert(&row, isInverted: false)
        }
    }

    private func readSamples(into row: inout MutableSpan<UInt8>) throws {
        let y = nextRow
        nextRow += 1
        try band.load(y, reader)
        let kind = reader.samples, width = layout.size.width
        guard kind.layout != .convertedByLibrary else {
            return band.withRow(y, plane: 0) { raw in
                for i in row.indices { row[i] = raw[i] }
            }
        }
        if kind.isPlain {
            return band.withRow(y, plane: 0) { raw in kind.convert(raw, into: &row, width: width) }
        }
        // Where samples lie apart, each plane fills its place in every pixel.
        let isPlanar = kind.perPixelInBlock < kind.perPixel
        for plane in 0..<(isPlanar ? kind.usedCount : 1) {
            band.withRow(y, plane: plane) { raw in
                kind.unpack(
                    raw, count: isPlanar ? width : width * kind.perPixel, into: &samples, at: plane,
                    step: isPlanar ? kind.perPixel : 1)
            }
        }
        convertSamples(into: &row)
    }

    private func convertSamples(into row: inout MutableSpan<UInt8>) {
        let samples = samples
        row.withSamples(of: S.self) { reader.samples.convert(samples.span, into: &$0, width: layout.size.width) }
    }
}
