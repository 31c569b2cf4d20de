/// A source in squares of one colour each: the mean of the pixels they cover, in proportion to their alpha. The squares
/// at the right and at the bottom are cut off where the picture ends.
final class PixelatedRows: RowSource {
    private let source: any RowSource
    private let side: Int
    private var row: [UInt8]
    private var sums: [SIMD4<Int>]
    private var rowsMade = 0

    var layout: RowLayout { source.layout }

    init(_ source: any RowSource, side: Int) {
        self.source = source
        self.side = side
        row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
        sums = Array(repeating: SIMD4(), count: (source.layout.size.width + side - 1) / side)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        if rowsMade.isMultiple(of: side) { try readSquares(min(side, layout.size.height - rowsMade)) }
        row.copy(self.row[...])
        rowsMade += 1
    }

    /// Reads a row of squares and leaves its colours in ``row``.
    private func readSquares(_ height: Int) throws {
        for index in sums.indices { sums[index] = SIMD4() }
        for _ in 0..<height {
            try source.readRow(into: &row)
            add()
        }
        for (index, sum) in sums.enumerated() {
            let columns = index * side..<min((index + 1) * side, layout.size.width)
            fill(columns, with: sum, pixelCount: columns.count * height)
        }
    }

    private func add() {
        var index = 0
        var left = side
        for x in 0..<layout.size.width {
            if left == 0 {
                index += 1
                left = side
            }
            left -= 1
            switch layout.format {
            case .gray8: sums[index][0] &+= Int(row[x])
            case .rgba8:
                let alpha = Int(row[4 * x + 3])
                sums[index] &+= SIMD4(
                    Int(row[4 * x]) &* alpha, Int(row[4 * x + 1]) &* alpha, Int(row[4 * x + 2]) &* alpha, alpha)
            }
        }
    }

    private func fill(_ columns: Range<Int>, with sum: SIMD4<Int>, pixelCount: Int) {
        switch layout.format {
        case .gray8:
            let gray = UInt8((sum[0] + pixelCount / 2) / pixelCount)
            for x in columns { row[x] = gray }
        case .rgba8:
            let alpha = sum[3]
            for channel in 0..<4 {
                let value =
                    channel == 3
                    ? (alpha + pixelCount / 2) / pixelCount : alpha == 0 ? 0 : (sum[channel] + alpha / 2) / alpha
                for x in columns { row[4 * x + channel] = UInt8(value) }
            }
        }
    }
}
