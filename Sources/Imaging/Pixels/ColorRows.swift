/// Gray rows as RGBA.
package final class ColorRows: RowSource {
    package let layout: RowLayout
    private let source: any RowSource
    private var gray: [UInt8]

    package init(_ source: any RowSource) {
        precondition(source.layout.format == .gray8)
        self.source = source
        layout = RowLayout(size: source.layout.size, format: .rgba8, isOpaque: true)
        gray = [UInt8](repeating: 0, count: source.layout.rowByteCount)
    }

    package func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &gray)
        for x in gray.indices {
            row.setPixel(UInt32(gray[x]) &* 0x01_0101 | 0xFF00_0000, at: x)
        }
    }
}
