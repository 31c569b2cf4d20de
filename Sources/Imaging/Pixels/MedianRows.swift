/// The median of a square around each pixel, the edge repeated, by a histogram that moves along the row (T. Huang, G. Yang,
/// G. Tang, "A fast two-dimensional median filtering algorithm", 1979).
final class MedianRows: RowSource {
    let layout: RowLayout
    private let source: any RowSource
    private let radius: Int
    /// The rows around the next one: row `y` stands at `y` modulo their number.
    private var rows: [[UInt8]]
    private var rowsRead = 0
    private var nextRow = 0

    /// - Parameter side: odd.
    init(_ source: any RowSource, side: Int) {
        self.source = source
        layout = source.layout
        radius = side / 2
        rows = [[UInt8]](repeating: [UInt8](repeating: 0, count: source.layout.rowByteCount), count: side)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        let height = layout.size.height
        while rowsRead < min(nextRow + radius + 1, height) {
            try source.readRow(into: &rows[rowsRead % rows.count])
            rowsRead += 1
        }
        let window = (nextRow - radius...nextRow + radius).map { min(max($0, 0), height - 1) % rows.count }
        nextRow += 1
        let channelCount = layout.format.bytesPerPixel
        for channel in 0..<channelCount {
            if channel == 3, layout.isOpaque {
                for x in 0..<layout.size.width { row[x * 4 + 3] = 255 }
            } else {
                filter(window, channel, channelCount, into: &row)
            }
        }
    }

    private func filter(_ window: [Int], _ channel: Int, _ step: Int, into row: inout MutableSpan<UInt8>) {
        let last = layout.size.width - 1
        /// How many samples of the square have each level, and how many are below the median.
        var counts = [Int](repeating: 0, count: 256)
        var below = 0
        var median = 0
        let middle = window.count * window.count / 2
        for column in -radius...radius {
            for line in window { counts[Int(rows[line][min(max(column, 0), last) * step + channel])] += 1 }
        }
        for x in 0...last {
            if x > 0 {
                let leaving = max(x - 1 - radius, 0) * step + channel
                let entering = min(x + radius, last) * step + channel
                for line in window {
                    let (old, new) = (Int(rows[line][leaving]), Int(rows[line][entering]))
                    counts[old] -= 1
                    counts[new] += 1
                    if old < median { below -= 1 }
                    if new < median { below += 1 }
                }
            }
            while below > middle {
                median -= 1
                below -= counts[median]
            }
            while below + counts[median] <= middle {
                below += counts[median]
                median += 1
            }
            row[x * step + channel] = UInt8(truncatingIfNeeded: median)
        }
    }
}
