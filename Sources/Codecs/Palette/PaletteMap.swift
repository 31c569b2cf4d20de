import Imaging

/// Finds the nearest colour of a palette, by squared distance in RGB.
///
/// Answers are kept for each colour to 6 bits a channel, found for the middle of its cell; a colour of the palette itself is
/// always found exactly.
struct PaletteMap {
    private let palette: [SIMD4<Int32>]
    private let exact: [Color: UInt8]
    private var answers = [UInt16](repeating: unknown, count: 1 << 18)
    private var last: (color: Color, index: UInt8)?

    private static let unknown = UInt16.max

    /// - Parameter palette: 1…256 colours.
    init(_ palette: [Color]) {
        self.palette = palette.map { SIMD4(Int32($0.red), Int32($0.green), Int32($0.blue), 0) }
        exact = Dictionary(
            palette.enumerated().map { ($1, UInt8(truncatingIfNeeded: $0)) }, uniquingKeysWith: { first, _ in first })
    }

    func color(at index: UInt8) -> SIMD4<Int32> { palette[Int(index)] }

    /// The index of the same colour in the palette.
    mutating func exactIndex(of color: Color) -> UInt8? {
        if let last, last.color == color { return last.index }
        guard let index = exact[color] else { return nil }
        last = (color, index)
        return index
    }

    /// - Parameter color: 0…255 a channel.
    mutating func nearestIndex(to color: SIMD4<Int32>) -> UInt8 {
        let cell = Int(color[0] >> 2) << 12 | Int(color[1] >> 2) << 6 | Int(color[2] >> 2)
        if answers[cell] == Self.unknown {
            answers[cell] = search((color & SIMD4(repeating: ~3)) &+ SIMD4(2, 2, 2, 0))
        }
        return UInt8(truncatingIfNeeded: answers[cell])
    }

    private func search(_ color: SIMD4<Int32>) -> UInt16 {
        var best = 0
        var least = Int32.max
        for i in palette.indices {
            let difference = color &- palette[i]
            let distance = (difference &* difference).wrappedSum()
            if distance < least { (least, best) = (distance, i) }
        }
        return UInt16(best)
    }
}
