import Imaging

/// A source that notes whether any pixel that passes is not opaque.
final class TransparencyRows: RowSource {
    private let source: any RowSource
    private(set) var hasTransparency = false

    var layout: RowLayout { source.layout }

    init(_ source: any RowSource) { self.source = source }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &row)
        guard !layout.isOpaque, layout.format == .rgba8, !hasTransparency else { return }
        for alpha in stride(from: 3, to: row.count, by: 4) where row[alpha] < 255 {
            hasTransparency = true
            return
        }
    }
}
