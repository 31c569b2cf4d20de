/// Resamples a picture along both axes while it streams through: rows are mixed horizontally into a ring, and the ring's
/// rows vertically into a row of the result.
///
/// What an axis' table does not ask for is not computed, so a crop costs nothing. Colours are mixed in proportion to
/// their alpha.
final class Resampler: RowSource {
    /// Where rows come from: as bytes, or from another resampler at its full precision.
    enum Input {
        case bytes(any RowSource)
        case wide(Resampler)
    }

    let layout: RowLayout
    private let input: Input
    private let inputLayout: RowLayout
    private let horizontal: HorizontalPass
    private let vertical: VerticalPass

    private var rowsRead = 0
    private var pairsDone = 0
    private var rowsMade = 0

    private var bytes: [UInt8]
    private var first: [Int16]
    private var second: [Int16]
    private var ring: [Int16]
    private var result: [Int16]
    private let pairStride: Int

    convenience init(_ input: Input, columns: Axis, rows: Axis) {
        self.init(input, columns: AxisTable(columns), rows: AxisTable(rows))
    }

    init(_ input: Input, columns: AxisTable, rows: AxisTable) {
        self.input = input
        inputLayout =
            switch input {
            case .bytes(let source): source.layout
            case .wide(let source): source.layout
            }
        layout = RowLayout(
            size: Size(width: columns.count, height: rows.count), format: inputLayout.format,
            isOpaque: inputLayout.isOpaque)
        horizontal = HorizontalPass(columns, format: inputLayout.format)
        vertical = VerticalPass(rows)
        let sampleCount = WideRow.paddedCount(layout.rowByteCount)
        pairStride = 2 * sampleCount
        bytes = [UInt8](repeating: 0, count: inputLayout.rowByteCount)
        first = [Int16](repeating: 0, count: horizontal.inputSampleCount)
        second = first
        ring = [Int16](repeating: 0, count: vertical.ringPairCount * pairStride)
        result = [Int16](repeating: 0, count: sampleCount)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try mixRow()
        WideRow.narrow(result, layout, into: &row)
    }

    /// Makes the next row in ``result``.
    private func mixRow() throws {
        while pairsDone < vertical.firstPair {
            try readSource()
            try readSource()
            pairsDone += 1
        }
        while pairsDone < vertical.pairs(for: rowsMade).upperBound {
            if try readSource() { widen(into: &first) }
            // Past an odd last row the pair's second one keeps its old samples: their weight is 0.
            if try readSource() { widen(into: &second) }
            horizontal.apply(
                to: first, second, into: &ring, at: pairsDone % vertical.ringPairCount * pairStride)
            pairsDone += 1
        }
        vertical.mix(rowsMade, from: ring, pairStride: pairStride, into: &result)
        rowsMade += 1
    }

    private func widen(into wide: inout [Int16]) {
        switch input {
        case .bytes: WideRow.widen(bytes, inputLayout, into: &wide)
        case .wide(let source): WideRow.pair(source.result, inputLayout, into: &wide)
        }
    }

    /// - Returns: whether there was another row.
    @discardableResult
    private func readSource() throws -> Bool {
        guard rowsRead < inputLayout.size.height else { return false }
        rowsRead += 1
        switch input {
        case .bytes(let source):
            try source.readRow(into: &bytes)
        case .wide(let source):
            try source.mixRow()
        }
        return true
    }
}
