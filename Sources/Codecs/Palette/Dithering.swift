import Imaging

/// Spreads what a pixel loses to the palette over its neighbours, as R. Floyd and L. Steinberg do ("An adaptive algorithm for
/// spatial grey scale", 1976), with rows in alternating directions so that no pattern leans to one side.
struct Dithering {
    /// What this row and the next are owed, in sixteenths, with a pixel of margin at both ends.
    private var owed: [SIMD4<Int32>]
    private var owedBelow: [SIMD4<Int32>]
    private var goesLeft = false

    init(width: Int) {
        owed = [SIMD4<Int32>](repeating: .zero, count: width + 2)
        owedBelow = owed
    }

    /// Maps a row of RGBA.
    ///
    /// - Parameters:
    ///   - indices: one a pixel.
    ///   - transparentIndex: for pixels that are less than half opaque, which neither owe nor are owed.
    mutating func map(
        _ row: Span<UInt8>, to indices: inout MutableSpan<UInt8>, by map: inout PaletteMap, transparentIndex: UInt8
    ) {
        let width = indices.count
        let ahead = goesLeft ? -1 : 1
        for step in 0..<width {
            let x = goesLeft ? width - 1 - step : step
            let i = x * 4
            guard row[i + 3] >= 128 else {
                indices[x] = transparentIndex
                continue
            }
            let color = SIMD4(Int32(row[i]), Int32(row[i + 1]), Int32(row[i + 2]), 0)
            let wanted = (color &+ ((owed[x + 1] &+ 8) &>> 4)).clamped(lowerBound: .zero, upperBound: Self.white)
            let index = map.nearestIndex(to: wanted)
            indices[x] = index
            let lost = wanted &- map.color(at: index)
            owed[x + 1 + ahead] &+= lost &* 7
            owedBelow[x + 1 - ahead] &+= lost &* 3
            owedBelow[x + 1] &+= lost &* 5
            owedBelow[x + 1 + ahead] &+= lost
        }
        swap(&owed, &owedBelow)
        for i in owedBelow.indices { owedBelow[i] = .zero }
        goesLeft.toggle()
    }

    private static let white = SIMD4<Int32>(255, 255, 255, 0)
}
