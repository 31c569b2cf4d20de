import Codecs
import Imaging
import Jobs

/// Figures of a picture's pixels, gathered while its rows pass.
///
/// Pixels that are less than half opaque do not count, nor do pairs and neighbourhoods with such a pixel.
struct PixelStatistics {
    private let format: PixelFormat
    private var colors = ColorHistogram()
    private var luma = Moments()
    private var laplacian = Moments()
    /// Pixels beside or above one another, and how many of these pairs are of one colour.
    private var pairCount = 0
    private var samePairCount = 0

    /// The last three rows, the newest last. Above the first row nothing counts.
    private var rows: [Row]
    /// The newest row as RGBA.
    private var pixels: [UInt8]

    private struct Row {
        /// Red, green and blue in the low bits; ``absent`` where the pixel does not count.
        var colors: [UInt32]
        /// Not a number where the pixel does not count, and so whatever is computed with it.
        var lumas: [Double]

        static let absent = UInt32.max
    }

    init(_ layout: RowLayout) {
        format = layout.format
        let width = layout.size.width
        let row = Row(
            colors: [UInt32](repeating: Row.absent, count: width), lumas: [Double](repeating: .nan, count: width))
        rows = [row, row, row]
        pixels = [UInt8](repeating: 255, count: width * 4)
    }

    /// - Parameter row: the next from the top.
    mutating func add(_ row: Span<UInt8>) {
        expand(row)
        let pixels = pixels
        colors.add(pixels.span)
        rows.swapAt(0, 1)
        rows.swapAt(1, 2)
        takeRow()
        comparePairs()
        addLaplacian()
    }

    private mutating func expand(_ row: Span<UInt8>) {
        switch format.channels {
        case .gray:
            for x in row.indices {
                for channel in x * 4..<x * 4 + 3 { pixels[channel] = row[x] }
            }
        case .rgba:
            for i in row.indices { pixels[i] = row[i] }
        }
    }

    private mutating func takeRow() {
        for x in rows[2].colors.indices {
            let i = x * 4
            let isCounted = pixels[i + 3] >= 128
            let (red, green, blue) = (pixels[i], pixels[i + 1], pixels[i + 2])
            rows[2].colors[x] = isCounted ? UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) : Row.absent
            // Rec. ITU-R BT.601.
            let value = isCounted ? 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue) : .nan
            rows[2].lumas[x] = value
            luma.add(value)
        }
    }

    private mutating func comparePairs() {
        let (above, row) = (rows[1].colors, rows[2].colors)
        for x in row.indices where row[x] != Row.absent {
            if x > 0 { addPair(row[x], row[x - 1]) }
            addPair(row[x], above[x])
        }
    }

    private mutating func addPair(_ color: UInt32, _ neighbour: UInt32) {
        guard neighbour != Row.absent else { return }
        pairCount += 1
        if color == neighbour { samePairCount += 1 }
    }

    private mutating func addLaplacian() {
        let (above, row, below) = (rows[0].lumas, rows[1].lumas, rows[2].lumas)
        for x in row.indices.dropFirst().dropLast() {
            laplacian.add(above[x] + below[x] + row[x - 1] + row[x + 1] - 4 * row[x])
        }
    }

    // MARK: - What it comes to

    var brightness: Double? { luma.mean }
    var contrast: Double? { luma.variance?.squareRoot() }
    var sharpness: Double? { laplacian.variance }

    var kind: PictureMeasures.Kind {
        let hasFewColors = colors.exactColors.map { $0.count <= 16 } ?? false
        return hasFewColors || Double(samePairCount) >= 0.45 * Double(pairCount) ? .graphics : .photo
    }

    /// Names the cells of the histogram one by one, and puts together those that go by one name.
    var dominantColors: [PictureMeasures.DominantColor] {
        var sums: [String: SIMD4<Double>] = [:]
        for cell in colors.cells where cell[3] > 0 { sums[Color(sum: cell).name, default: .zero] += cell }
        let named = sums.map { name, sum in
            PictureMeasures.DominantColor(
                Color(sum: sum), name: name, share: (sum[3] / luma.count).rounded(toPlaces: 4))
        }
        let frequent = named.filter { $0.share >= 0.01 }.sorted { ($0.share, $1.hex) > ($1.share, $0.hex) }
        return Array(frequent.prefix(5))
    }
}

/// Sums of numbers that come one by one.
private struct Moments {
    private(set) var count = 0.0
    private var sum = 0.0
    private var squares = 0.0

    /// Passes over what is not a number.
    mutating func add(_ value: Double) {
        guard !value.isNaN else { return }
        count += 1
        sum += value
        squares += value * value
    }

    var mean: Double? { count > 0 ? sum / count : nil }

    /// Of all that there is, not of a sample.
    var variance: Double? { mean.map { max(0, squares / count - $0 * $0) } }
}

extension Color {
    /// The mean of a histogram's pixels.
    fileprivate init(sum: SIMD4<Double>) {
        let mean = sum / sum[3]
        self.init(
            red: UInt8(mean[0].rounded()), green: UInt8(mean[1].rounded()), blue: UInt8(mean[2].rounded()))
    }
}
