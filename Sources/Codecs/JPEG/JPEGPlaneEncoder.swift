import Imaging

/// Writes a JPEG of luma and chroma that it reads apart.
struct JPEGPlaneEncoder {
    private let planes: [any RowSource]
    private let bytes: any ByteSink
    private let writer: JPEGWriter
    private let band: JPEGBand

    /// - Precondition: the planes have the sizes that the settings give them.
    init(_ planes: Planes, _ request: EncodeRequest, into bytes: any ByteSink) throws(EncodeError) {
        self.planes = [planes.luma.rows, planes.blue.rows, planes.red.rows]
        self.bytes = bytes
        writer = try JPEGWriter()
        band = JPEGBand(try writer.startPlanes(planes.luma.rows.layout.size, JPEGSettings(request.output)))
        try writer.write(request.metadata)
        for index in 0..<3 { precondition(self.planes[index].layout.size == band.size(index)) }
    }

    /// - Parameter rowDone: called after each row of luma.
    func encode(_ rowDone: () throws -> Void) throws {
        let height = band.size(0).height
        var samples = [UInt8](repeating: 0, count: band.byteCount)
        for top in stride(from: 0, to: height, by: band.height(0)) {
            // Chroma is read along with luma, so that their decoder holds little of either.
            for row in top..<min(top + band.height(0), height) {
                try readRow(row, 0, into: &samples)
                if row.isMultiple(of: band.height(0) / band.height(1)) {
                    let row = row * band.height(1) / band.height(0)
                    for plane in 1...2 { try readRow(row, plane, into: &samples) }
                }
                try rowDone()
            }
            try writer.writeBand(&samples)
            try writer.drain(into: bytes)
        }
        try writer.finish()
        try writer.drain(into: bytes)
    }

    private func readRow(_ row: Int, _ plane: Int, into samples: inout [UInt8]) throws {
        var span = samples.mutableSpan
        var target = span._mutatingExtracting(band.place(of: row, plane))
        try planes[plane].readRow(into: &target)
    }
}
