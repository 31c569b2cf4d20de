/// What an operation comes to that only brings a part of a picture to another size.
package struct Resampling: Hashable, Sendable {
    /// The part, in the input's pixels, perhaps with fractions.
    let columns, rows: Range<Double>
    /// The result's.
    package let size: Size
}

/// A Lanczos filter from one size to another.
struct LanczosFilter {
    /// `nil` where it would change nothing.
    private let tables: (columns: AxisTable, rows: AxisTable)?

    /// - Parameters:
    ///   - columns: the part of the input's columns that the result's divide evenly, and `rows` likewise.
    ///   - size: the result's.
    ///   - extent: how much of the result they cover, which may end within its last column and row.
    init(from input: Size, columns: Range<Double>, rows: Range<Double>, to size: Size, extent: RealSize) {
        let isSame =
            size == input && columns.lowerBound == 0 && rows.lowerBound == 0
            && RealSize(width: columns.upperBound, height: rows.upperBound) == extent
        tables =
            isSame
            ? nil
            : (
                .lanczos(
                    inputCount: input.width, window: columns, outputCount: size.width, covered: extent.width),
                .lanczos(
                    inputCount: input.height, window: rows, outputCount: size.height, covered: extent.height)
            )
    }

    /// Puts the filter behind a source of the size that it was made for.
    func applied(to source: any RowSource) -> any RowSource {
        guard let tables else { return source }
        return Resampler(.bytes(source), columns: tables.columns, rows: tables.rows)
    }
}

extension Range<Double> {
    func scaled(by factor: Double) -> Range<Double> { lowerBound * factor..<upperBound * factor }
}
