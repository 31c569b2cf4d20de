import Imaging

/// Rows of a PNG that is not interlaced.
final class PNGDecoder: RowSource {
    let layout: RowLayout
    private let reader: PNGReader

    init(_ reader: PNGReader) throws(DecodeError) {
        layout = reader.layout
        try reader.start()
        self.reader = reader
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try reader.readRow(into: &row)
    }
}
