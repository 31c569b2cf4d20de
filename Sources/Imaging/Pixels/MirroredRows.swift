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
        switch format {
        case .gray8: mirror(&row, UInt8.self)
        case .gray16: mirror(&row, UInt16.self)
        case .rgba8: mirror(&row, UInt32.self)
        case .rgba16: mirror(&row, UInt64.self)
        }
    }

    private static func mirror<Pixel: BitwiseCopyable>(_ row: inout MutableSpan<UInt8>, _: Pixel.Type) {
        let size = MemoryLayout<Pixel>.size
        unsafe row.withUnsafeMutableBytes { row in
            var left = 0
            var right = row.count - size
            while left < right {
                let pixel = unsafe row.loadUnaligned(fromByteOffset: left, as: Pixel.self)
                unsafe row.storeBytes(
                    of: row.loadUnaligned(fromByteOffset: right, as: Pixel.self), toByteOffset: left, as: Pixel.self)
                unsafe row.storeBytes(of: pixel, toByteOffset: right, as: Pixel.self)
                left += size
                right -= size
            }
        }
    }
}
