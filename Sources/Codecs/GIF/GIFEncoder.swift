import Imaging

/// Collects the picture, chooses its palette and writes one frame. Pixels with less than half of full alpha are transparent.
final class GIFEncoder: RowSink {
    private let layout: RowLayout
    private let output: OutputOptions
    private let bytes: any ByteSink
    private var rows: RowCollector

    /// The longest side, in pixels (GIF 89a, section 18).
    static let maxSide = 65_535

    init(_ layout: RowLayout, _ output: OutputOptions, into bytes: any ByteSink) throws(EncodeError) {
        try Self.check(layout.size)
        self.layout = layout
        self.output = output
        self.bytes = bytes
        rows = RowCollector(layout)
    }

    static func check(_ size: Size) throws(EncodeError) {
        guard max(size.width, size.height) <= maxSide else { throw .tooLarge(.gif, size: size, limit: maxSide) }
    }

    func writeRow(_ row: Span<UInt8>) throws { rows.append(row) }

    func finish() throws {
        let picture = IndexedPicture(rows.takePixels(), layout, output)
        let writer = try GIFWriter(bytes)
        try writer.writeScreen(layout.size, palette: picture.palette)
        var control: GIFControl?
        if let index = picture.transparentIndex { control = GIFControl(transparentIndex: index) }
        try writer.writeFrame(picture.indices, GIFWriter.Place(size: layout.size), control)
        try writer.close()
    }
}
