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

    /// Adds the row to the squares' sums.
    private func add() {
        if layout.format.isDeep { return addDeep() }
        let (side, width, channels) = (side, layout.size.width, layout.format.channels)
        unsafe row.withUnsafeBytes { row in
            for index in sums.indices {
                var sum = SIMD4<UInt32>()
                for x in index * side..<min((index + 1) * side, width) {
                    switch channels {
                    case .gray: sum[0] &+= unsafe UInt32(row[x])
                    case .rgba:
                        let pixel = unsafe row.loadUnaligned(fromByteOffset: x &* 4, as: SIMD4<UInt8>.self)
                        var factors = SIMD4(repeating: UInt32(pixel[3]))
                        factors[3] = 1
                        sum &+= SIMD4<UInt32>(truncatingIfNeeded: pixel) &* factors
                    }
                }
                sums[index] &+= SIMD4<Int>(truncatingIfNeeded: sum)
            }
        }
    }

    private func addDeep() {
        let channels = layout.format.channels
        let row = row
        let bytes = unsafe row.span.bytes
        for x in 0..<layout.size.width {
            switch channels {
            case .gray:
                let level = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: x &* 2, as: UInt16.self)
                sums[x / side][0] &+= Int(level)
            case .rgba:
                let pixel = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: x &* 8, as: SIMD4<UInt16>.self)
                var factors = SIMD4(repeating: Int(pixel[3]))
                factors[3] = 1
                sums[x / side] &+= SIMD4<Int>(truncatingIfNeeded: pixel) &* factors
            }
        }
    }

    private func fill(_ columns: Range<Int>, with sum: SIMD4<Int>, pixelCount: Int) {
        Self.fill(&row, columns, with: sum, pixelCount: pixelCount, layout.format)
    }

    private static func fill(
        _ row: inout [UInt8], _ columns: Range<Int>, with sum: SIMD4<Int>, pixelCount: Int, _ format: PixelFormat
    ) {
        func fill<S: Sample>(_ row: inout MutableSpan<S>) {
            switch format.channels {
            case .gray:
                let gray = S((sum[0] + pixelCount / 2) / pixelCount)
                for x in columns { row[x] = gray }
            case .rgba:
                let alpha = sum[3]
                for channel in 0..<4 {
                    let value =
                        channel == 3
                        ? (alpha + pixelCount / 2) / pixelCount : alpha == 0 ? 0 : (sum[channel] + alpha / 2) / alpha
                    for x in columns { row[4 * x + channel] = S(value) }
                }
            }
        }
        var span = row.mutableSpan
        if format.isDeep {
            span.withSamples(of: UInt16.self) { fill(&$0) }
        } else {
            fill(&span)
        }
    }
}
