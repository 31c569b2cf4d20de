/// What the rows of a picture have in common.
package struct RowLayout: Hashable, Sendable {
    /// The whole picture, in pixels.
    package var size: Size
    package var format: PixelFormat
    /// Whether every pixel's alpha is the largest there is, so that stages need not premultiply.
    package var isOpaque: Bool

    package init(size: Size, format: PixelFormat, isOpaque: Bool) {
        self.size = size
        self.format = format
        self.isOpaque = isOpaque
    }

    /// The length of one row, in bytes; rows are not padded.
    package var rowByteCount: Int { size.width * format.bytesPerPixel }
}

/// A picture that is read from the top, one row at a time: a decoder, or a stage that reads another source.
///
/// A pipeline is a chain of sources. The encoder pulls rows from the last one, and each asks its upstream for just the
/// rows that it needs, so what is in memory is a few rows a stage and never the picture. A source belongs to one thread.
package protocol RowSource: AnyObject {
    /// Fixed before the first row is read.
    var layout: RowLayout { get }

    /// Writes the next row.
    ///
    /// - Parameter row: `layout.rowByteCount` bytes to fill. What it held before is lost even when this throws.
    /// - Throws: what stopped the picture: the codec's error, or the limits' when the time is up.
    /// - Precondition: fewer than `layout.size.height` rows have been read.
    func readRow(into row: inout MutableSpan<UInt8>) throws
}

extension RowSource {
    /// Writes the next row into an array of `layout.rowByteCount` bytes.
    package func readRow(into row: inout [UInt8]) throws {
        var span = row.mutableSpan
        try readRow(into: &span)
    }
}

/// Where rows end: an encoder.
package protocol RowSink: AnyObject {
    /// Takes the next row from the top, in the layout the sink was made for.
    func writeRow(_ row: Span<UInt8>) throws

    /// Completes the picture after its last row; the bytes are whole only then.
    func finish() throws
}
