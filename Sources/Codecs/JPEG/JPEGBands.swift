import CJPEG
import Imaging

/// The planes of a JPEG while it is decoded: each is read at its own pace, and what one is ahead of another is held.
final class JPEGBands {
    private let reader: JPEGReader
    private let band: JPEGBand
    /// Bands of which some plane has rows to read, the oldest first.
    private var bands: [[UInt8]] = []
    private var firstBand = 0
    /// A band that was read, to be filled anew.
    private var spare: [UInt8]?
    /// Of each plane.
    private var rowsRead = [0, 0, 0]

    /// The most pixels by which one plane may be read ahead of the others; each holds up to 3 bytes.
    private static let maxLead = 8_000_000.0

    static func planes(of image: EncodedImage, _ request: DecodeRequest) throws -> Planes? {
        let reader = try JPEGReader(image)
        let scale = JPEGScale(of: reader.storedSize, atLeast: request.leastSize)
        guard reader.color == CJPEG_YCBCR, Double(scale.size(of: reader.storedSize).area) * request.lead <= maxLead,
            reader.transform(request) == nil
        else { return nil }
        let bands = try JPEGBands(reader, scale, request.checkpoint)
        return Planes(luma: bands.plane(0), blue: bands.plane(1), red: bands.plane(2))
    }

    private init(_ reader: JPEGReader, _ scale: JPEGScale, _ checkpoint: () throws -> Void) throws {
        self.reader = reader
        band = JPEGBand(try reader.startPlanes(eighths: scale.eighths, checkpoint))
    }

    private func plane(_ index: Int) -> Plane {
        Plane(rows: JPEGPlaneRows(self, plane: index, size: band.size(index)), extent: band.extent(index))
    }

    fileprivate func readRow(of plane: Int, into row: inout MutableSpan<UInt8>) throws(DecodeError) {
        let index = rowsRead[plane]
        let height = band.height(plane)
        while index / height >= firstBand + bands.count { try readBand() }
        row.copy(bands[index / height - firstBand][band.place(of: index, plane)])
        rowsRead[plane] += 1
        if rowsRead[plane].isMultiple(of: height) { dropReadBands() }
    }

    private func readBand() throws(DecodeError) {
        var bytes = spare ?? [UInt8](repeating: 0, count: band.byteCount)
        spare = nil
        try reader.readBand(into: &bytes)
        bands.append(bytes)
    }

    private func dropReadBands() {
        while !bands.isEmpty, (0..<3).allSatisfy({ rowsRead[$0] / band.height($0) > firstBand }) {
            spare = bands.removeFirst()
            firstBand += 1
        }
    }
}

/// One plane of a JPEG.
private final class JPEGPlaneRows: RowSource {
    let layout: RowLayout
    private let bands: JPEGBands
    private let plane: Int

    init(_ bands: JPEGBands, plane: Int, size: Size) {
        self.bands = bands
        self.plane = plane
        layout = RowLayout(size: size, format: .gray8, isOpaque: true)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws { try bands.readRow(of: plane, into: &row) }
}
