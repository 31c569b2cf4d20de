/// A source without its corners: alpha is multiplied by how much of a pixel lies inside, which is taken from how far its
/// middle is from the circle.
final class RoundedRows: RowSource {
    let layout: RowLayout
    private let source: any RowSource
    private let radius: Double
    private var rowsMade = 0

    /// - Parameter radius: of the circles, in pixels; at most half of each side.
    init(_ source: any RowSource, radius: Double) {
        self.source = ColorRows.coloring(source)
        self.radius = radius
        layout = RowLayout(size: source.layout.size, format: self.source.layout.format, isOpaque: false)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &row)
        let size = layout.size
        let down = radius - Double(min(rowsMade, size.height - 1 - rowsMade)) - 0.5
        rowsMade += 1
        guard down > 0 else { return }
        for x in 0..<Int(radius.rounded(.up)) {
            let across = radius - Double(x) - 0.5
            guard across > 0 else { break }
            let inside = radius + 0.5 - (across * across + down * down).squareRoot()
            guard inside < 1 else { continue }
            scaleAlpha(&row, x, by: inside)
            if size.width - 1 - x != x { scaleAlpha(&row, size.width - 1 - x, by: inside) }
        }
    }

    private func scaleAlpha(_ row: inout MutableSpan<UInt8>, _ x: Int, by share: Double) {
        func scale<S: Sample>(_ row: inout MutableSpan<S>) {
            row[x * 4 + 3] = S((Double(row[x * 4 + 3]) * max(0, share)).rounded())
        }
        if layout.format.isDeep {
            row.withSamples(of: UInt16.self) { scale(&$0) }
        } else {
            scale(&row)
        }
    }
}
