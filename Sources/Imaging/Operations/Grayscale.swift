/// Takes the colours away.
package struct Grayscale: PointOperation {
    package static let specification = OperationSpecification(
        name: "grayscale", summary: "Makes each pixel as gray as its luma (Rec. 601).")

    private static let matrix = ColorMatrix(Array(repeating: [0.299, 0.587, 0.114, 0], count: 3))

    package init(_ arguments: Arguments) throws(PlanError) {}

    /// An opaque picture goes on with one sample a pixel, which everything after it is faster with.
    package func stage(reading source: any RowSource, of input: Size) throws -> any RowSource {
        switch (source.layout.format.channels, source.layout.isOpaque) {
        case (.gray, _): source
        case (.rgba, true): LumaRows(source)
        case (.rgba, false): PointRows.applying(self, to: source)
        }
    }

    package func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        if format.channels == .rgba { Self.matrix.apply(to: &row, format: format) }
    }

    /// A weighted sum of colours is the same before and after scaling.
    package func leastInput(for input: Size, leaving least: Size?) -> Size? { least }

    package var needsOnlyLuma: Bool { true }
}
