/// An RGBA source in the middle of a larger transparent picture.
final class PaddedRows: RowSource {
    let layout: RowLayout
    private let source: any RowSource
    private let left, top: Int
    private var inner: [UInt8]
    private var rowsMade = 0

    /// - Precondition: the source is RGBA and no larger than `size`.
    init(_ source: any RowSource, to size: Size) {
        let inside = source.layout.size
        precondition(source.layout.format == .rgba8 && inside.width <= size.width && inside.height <= size.height)
        self.source = source
        layout = RowLayout(size: size, format: .rgba8, isOpaque: false)
        left = (size.width - inside.width) / 2
        top = (size.height - inside.height) / 2
        inner = [UInt8](repeating: 0, count: source.layout.rowByteCount)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        row.update(repeating: 0)
        if rowsMade >= top, rowsMade < top + source.layout.size.height {
            try source.readRow(into: &inner)
            row.copy(inner[...], at: left * 4)
        }
        rowsMade += 1
    }
}
