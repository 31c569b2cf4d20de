/// A rectangle of another source.
final class CroppedRows: RowSource {
    let layout: RowLayout
    private let source: any RowSource
    private let firstByte: Int
    private var rowsToSkip: Int
    private var whole: [UInt8]

    /// - Precondition: the rectangle lies within the source.
    init(_ source: any RowSource, _ rectangle: Rectangle) {
        self.source = source
        layout = RowLayout(size: rectangle.size, format: source.layout.format, isOpaque: source.layout.isOpaque)
        firstByte = rectangle.x * source.layout.format.bytesPerPixel
        rowsToSkip = rectangle.y
        whole = [UInt8](repeating: 0, count: source.layout.rowByteCount)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        while rowsToSkip > 0 {
            try source.readRow(into: &whole)
            rowsToSkip -= 1
        }
        if layout.rowByteCount == whole.count { return try source.readRow(into: &row) }
        try source.readRow(into: &whole)
        row.copy(whole[firstByte..<firstByte + layout.rowByteCount])
    }
}

/// A part of a picture, in pixels from its upper left corner.
struct Rectangle: Hashable, Sendable {
    var x, y: Int
    var size: Size
}
