/// Gray rows as RGBA.
package final class ColorRows: RowSource {
    package let layout: RowLayout
    private let source: any RowSource
    private var gray: [UInt8]

    package init(_ source: any RowSource) {
        self.source = source
        let format = source.layout.format
        precondition(format.channels == .gray)
        layout = RowLayout(
            size: source.layout.size, format: PixelFormat(.rgba, isDeep: format.isDeep), isOpaque: true)
        gray = [UInt8](repeating: 0, count: source.layout.rowByteCount)
    }

    package func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &gray)
        if layout.format.isDeep { return writeDeep(into: &row) }
        for x in gray.indices {
            row.setPixel(UInt32(gray[x]) &* 0x01_0101 | 0xFF00_0000, at: x)
        }
    }

    private func writeDeep(into row: inout MutableSpan<UInt8>) {
        let gray = gray
        let bytes = unsafe gray.span.bytes
        row.withSamples(of: UInt16.self) { row in
            for x in 0..<row.count / 4 {
                let level = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: x &* 2, as: UInt16.self)
                for channel in 0..<3 { row[x &* 4 &+ channel] = level }
                row[x &* 4 &+ 3] = .max
            }
        }
    }

    /// The source itself where it has colours.
    static func coloring(_ source: any RowSource) -> any RowSource {
        source.layout.format.channels == .gray ? ColorRows(source) : source
    }
}
