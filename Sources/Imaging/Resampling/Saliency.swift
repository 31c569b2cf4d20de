#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much each pixel of a small picture stands out: by the distance of its colour, slightly blurred, from the mean colour of
/// the whole, in CIE L*a*b* (R. Achanta, S. Hemami, F. Estrada, S. Süsstrunk, "Frequency-tuned Salient Region Detection",
/// CVPR 2009).
struct Saliency {
    private let size: Size
    /// Sums of the columns and of the rows.
    private var columns, rows: [Double]

    /// The longer side of a picture that is looked at, in pixels.
    static let side = 160

    init(of source: any RowSource) throws {
        size = source.layout.size
        var row = [UInt8](repeating: 0, count: source.layout.rowByteCount)
        var colors: [SIMD3<Double>] = []
        colors.reserveCapacity(size.area)
        for _ in 0..<size.height {
            try source.readRow(into: &row)
            for x in 0..<size.width { colors.append(Self.color(row, x, source.layout.format)) }
        }
        let mean = colors.reduce(.zero, +) / Double(colors.count)
        columns = [Double](repeating: 0, count: size.width)
        rows = [Double](repeating: 0, count: size.height)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let difference = blurred(colors, x, y) - mean
                let distance = (difference * difference).sum().squareRoot()
                columns[x] += distance
                rows[y] += distance
            }
        }
    }

    /// Where the rectangle of a ratio, as large as the picture lets it be, holds the most.
    ///
    /// - Parameter ratio: width to height.
    func focus(for ratio: Double) -> Focus {
        let width = min(Double(size.width), Double(size.height) * ratio)
        let height = min(Double(size.height), Double(size.width) / ratio)
        return Focus(x: Self.place(columns, length: width), y: Self.place(rows, length: height))
    }

    /// The place of the window with the largest sum, 0…1; of those that are alike the nearest to the middle.
    private static func place(_ sums: [Double], length: Double) -> Double {
        let window = max(1, Int(length.rounded()))
        let spare = sums.count - window
        guard spare > 0 else { return 0.5 }
        var sum = sums[..<window].reduce(0, +)
        var best = (sum: -Double.infinity, place: 0)
        for place in 0...spare {
            if place > 0 { sum += sums[place + window - 1] - sums[place - 1] }
            let isNearer = abs(2 * place - spare) < abs(2 * best.place - spare)
            // Sums of the same numbers in another order differ in their last digits.
            let margin = best.sum.isFinite ? best.sum * 1e-9 : 0
            if sum > best.sum + margin || sum >= best.sum - margin && isNearer { best = (max(sum, best.sum), place) }
        }
        return Double(best.place) / Double(spare)
    }

    /// Weighed 1 2 1 in both directions: a binomial filter, as in the paper; the edge repeats.
    private func blurred(_ colors: [SIMD3<Double>], _ x: Int, _ y: Int) -> SIMD3<Double> {
        var sum = SIMD3<Double>.zero
        for (dy, down) in [(-1, 1.0), (0, 2.0), (1, 1.0)] {
            let row = min(max(y + dy, 0), size.height - 1) * size.width
            for (dx, across) in [(-1, 1.0), (0, 2.0), (1, 1.0)] {
                sum += colors[row + min(max(x + dx, 0), size.width - 1)] * (down * across)
            }
        }
        return sum / 16
    }

    /// In L*a*b* of D65 (CIE 15:2004) from sRGB (IEC 61966-2-1). What is transparent shows a middle gray.
    private static func color(_ row: [UInt8], _ x: Int, _ format: PixelFormat) -> SIMD3<Double> {
        let (red, green, blue, alpha): (UInt8, UInt8, UInt8, UInt8) =
            switch format.channels {
            case .gray: (row[x], row[x], row[x], 255)
            case .rgba: (row[x * 4], row[x * 4 + 1], row[x * 4 + 2], row[x * 4 + 3])
            }
        let opacity = Double(alpha) / 255
        let light =
            SIMD3(SRGB.light(of: Double(red)), SRGB.light(of: Double(green)), SRGB.light(of: Double(blue))) * opacity
            + 0.2140 * (1 - opacity)
        let x = f((light * SIMD3(0.4124, 0.3576, 0.1805)).sum() / 0.9505)
        let y = f((light * SIMD3(0.2126, 0.7152, 0.0722)).sum())
        let z = f((light * SIMD3(0.0193, 0.1192, 0.9505)).sum() / 1.0890)
        return SIMD3(116 * y - 16, 500 * (x - y), 200 * (y - z))
    }

    private static func f(_ value: Double) -> Double {
        value > 216.0 / 24389 ? cbrt(value) : (24389.0 / 27 * value + 16) / 116
    }
}
