/// What an operation comes to that only brings a part of a picture to another size.
package struct Resampling: Hashable, Sendable {
    /// The part, in the input's pixels, perhaps with fractions.
    let columns, rows: Range<Double>
    /// The result's.
    package let size: Size
}

/// A Lanczos filter from one size to another.
struct LanczosFilter {
    private enum Tables {
        /// It would change nothing.
        case none
        case plain(columns: AxisTable, rows: AxisTable)
        /// For deep rows.
        case fine(columns: FineTable, rows: FineTable)
    }

    private let tables: Tables

    /// - Parameters:
    ///   - columns: the part of the input's columns that the result's divide evenly, and `rows` likewise.
    ///   - size: the result's.
    ///   - extent: how much of the result they cover, which may end within its last column and row.
    ///   - isDeep: whether it is for deep rows.
    init(
        from input: Size, columns: Range<Double>, rows: Range<Double>, to size: Size, extent: RealSize,
        isDeep: Bool = false
    ) {
        let isSame =
            size == input && columns.lowerBound == 0 && rows.lowerBound == 0
            && RealSize(width: columns.upperBound, height: rows.upperBound) == extent
        guard !isSame else {
            tables = .none
            return
        }
        let across = Axis.lanczos(
            inputCount: input.width, window: columns, outputCount: size.width, covered: extent.width)
        let down = Axis.lanczos(
            inputCount: input.height, window: rows, outputCount: size.height, covered: extent.height)
        tables =
            isDeep
            ? .fine(columns: FineTable(across), rows: FineTable(down))
            : .plain(columns: AxisTable(across), rows: AxisTable(down))
    }

    /// Puts the filter behind a source of the size that it was made for.
    func applied(to source: any RowSource) -> any RowSource {
        switch tables {
        case .none: source
        case .plain(let columns, let rows): Resampler(.bytes(source), columns: columns, rows: rows)
        case .fine(let columns, let rows): DeepResampler(.samples(source), columns: columns, rows: rows)
        }
    }
}

extension Range<Double> {
    func scaled(by factor: Double) -> Range<Double> { lowerBound * factor..<upperBound * factor }
}
