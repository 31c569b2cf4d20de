/// A source with left and right exchanged.
final class MirroredRows: RowSource {
    private let source: any RowSource

    var layout: RowLayout { source.layout }

    init(_ source: any RowSource) { self.source = source }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &row)
        Self.mirror(&row, layout.format)
    }

    static func mirror(_ row: inout MutableSpan<UInt8>, _ format: PixelFormat) {
        var left = 0
        var right = row.count / format.bytesPerPixel - 1
        while left < right {
            switch format {
            case .gray8: row.swapAt(left, right)
            case .rgba8:
                let pixel = row.pixel(at: left)
                row.setPixel(row.pixel(at: right), at: left)
                row.setPixel(pixel, at: right)
            }
            left += 1
            right -= 1
        }
    }
}
