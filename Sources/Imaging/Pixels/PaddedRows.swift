/// A source as a part of a larger picture.
final class PaddedRows: RowSource {
    let layout: RowLayout
    private let source: any RowSource
    private let left, top: Int
    /// A row of the margin.
    private let margin: [UInt8]
    private var inner: [UInt8]
    private var rowsMade = 0

    /// - Parameter background: of the margins; `nil` for transparency.
    /// - Returns: the source itself where it has that size.
    /// - Precondition: the source lies within a picture of that size.
    static func padding(
        _ source: any RowSource, to size: Size, left: Int, top: Int, background: Color?
    ) -> any RowSource {
        guard source.layout.size != size else { return source }
        return PaddedRows(source, to: size, left: left, top: top, background: background)
    }

    /// The same with the source in the middle.
    static func centering(_ source: any RowSource, in size: Size, background: Color?) -> any RowSource {
        let inside = source.layout.size
        return padding(
            source, to: size, left: (size.width - inside.width) / 2, top: (size.height - inside.height) / 2,
            background: background)
    }

    private init(_ source: any RowSource, to size: Size, left: Int, top: Int, background: Color?) {
        let inside = source.layout.size
        precondition(left >= 0 && top >= 0 && left + inside.width <= size.width && top + inside.height <= size.height)
        self.source = ColorRows.coloring(source)
        self.left = left
        self.top = top
        let format = self.source.layout.format
        layout = RowLayout(size: size, format: format, isOpaque: source.layout.isOpaque && background != nil)
        let samples: [UInt8] = background.map { [$0.red, $0.green, $0.blue, 255] } ?? [0, 0, 0, 0]
        // The same part of full light in 16 bits has that byte twice.
        let pixel = format.isDeep ? samples.flatMap { [$0, $0] } : samples
        margin = (0..<size.width).flatMap { _ in pixel }
        inner = [UInt8](repeating: 0, count: self.source.layout.rowByteCount)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        row.copy(margin[...])
        if rowsMade >= top, rowsMade < top + source.layout.size.height {
            try source.readRow(into: &inner)
            row.copy(inner[...], at: left * layout.format.bytesPerPixel)
        }
        rowsMade += 1
    }
}
