import CTIFF
import Imaging

/// The rows of a TIFF that are decompressed at present: those of a strip, of all tiles side by side, or a single one.
struct TIFFBand {
    /// The rows that it holds.
    private var rows = 0..<0
    /// The planes one after another, each of `height` rows.
    private var bytes: [UInt8]
    private let shape: TIFFBandShape
    /// A tile, before it is put in its place.
    private var tile: [UInt8]

    init(_ shape: TIFFBandShape) {
        self.shape = shape
        bytes = [UInt8](repeating: 0, count: shape.byteCount)
        tile = [UInt8](repeating: 0, count: shape.tileByteCount)
    }

    private var height: Int { shape.height }
    private var rowByteCount: Int { shape.rowByteCount }
    /// Strips or tiles side by side.
    private var across: Int { rowByteCount / shape.blockRowByteCount }

    /// Makes sure that a row is there. Rows are asked for from the top.
    mutating func load(_ y: Int, _ reader: TIFFReader) throws(DecodeError) {
        guard !rows.contains(y) else { return }
        if shape.readsRows {
            var row = bytes.mutableSpan
            try reader.readRow(y, into: &row)
            rows = y..<y + 1
            return
        }
        let top = y / height * height
        rows = top..<min(top + height, reader.size.height)
        if reader.samples.layout == .convertedByLibrary {
            try convert(reader)
        } else {
            try decompress(reader)
        }
    }

    func withRow(_ y: Int, plane: Int, _ body: (Span<UInt8>) -> Void) {
        let start = (plane * height + y - rows.lowerBound) * rowByteCount
        body(bytes.span.extracting(start..<start + rowByteCount))
    }

    private mutating func decompress(_ reader: TIFFReader) throws(DecodeError) {
        let tags = reader.tags
        let perPlane = across * ((reader.size.height - 1) / height + 1)
        for plane in 0..<bytes.count / (rowByteCount * height) {
            let first = plane * perPlane + rows.lowerBound / height * across
            let start = plane * height * rowByteCount
            if tags.is_tiled != 0 {
                for column in 0..<across {
                    var span = tile.mutableSpan
                    try reader.readBlock(first + column, into: &span)
                    place(at: start, column: column)
                }
            } else {
                let end = start + rows.count * rowByteCount
                var span = bytes.mutableSpan
                var strip = span._mutatingExtracting(start..<end)
                try reader.readBlock(first, into: &strip)
            }
        }
    }

    private mutating func convert(_ reader: TIFFReader) throws(DecodeError) {
        let width = Int(reader.tags.block_width)
        for column in 0..<across {
            try reader.convertBlock(x: column * width, y: rows.lowerBound, into: &tile)
            place(at: 0, column: column)
        }
    }

    /// Copies the tile's rows to their place in the band.
    private mutating func place(at start: Int, column: Int) {
        let count = tile.count / height
        for y in 0..<rows.count {
            let target = start + y * rowByteCount + column * count
            bytes.replaceSubrange(target..<target + count, with: tile[y * count..<(y + 1) * count])
        }
    }
}
