package import Imaging

/// How often each colour occurs in one or several pictures, to 5 bits a channel, with the exact colours while they are few.
package struct ColorHistogram {
    /// 32 cells a channel: red, green, blue sums and the count. Index: red, green, blue from the slowest.
    package private(set) var cells = [SIMD4<Double>](repeating: .zero, count: cellCount)
    /// Sums of the squares of all channels.
    private(set) var squares = [Double](repeating: 0, count: cellCount)
    /// The colours there are, in the order they were met; `nil` where they are more than a palette holds.
    package private(set) var exactColors: [Color]? = []
    private var seen: Set<Color> = []

    static let levels = 32
    private static let cellCount = levels * levels * levels

    package init() {}

    /// Counts the pixels of RGBA rows that are at least half opaque.
    package mutating func add(_ pixels: Span<UInt8>) {
        var last: Color?
        var i = 0
        while i + 3 < pixels.count {
            defer { i += 4 }
            guard pixels[i + 3] >= 128 else { continue }
            let color = Color(red: pixels[i], green: pixels[i + 1], blue: pixels[i + 2])
            let cell = Self.cell(of: color)
            let (red, green, blue) = (Double(color.red), Double(color.green), Double(color.blue))
            cells[cell] += SIMD4(red, green, blue, 1)
            squares[cell] += red * red + green * green + blue * blue
            if color != last, exactColors != nil { note(color) }
            last = color
        }
    }

    static func cell(of color: Color) -> Int {
        Int(color.red >> 3) << 10 | Int(color.green >> 3) << 5 | Int(color.blue >> 3)
    }

    private mutating func note(_ color: Color) {
        guard seen.insert(color).inserted else { return }
        if seen.count > 256 {
            exactColors = nil
            seen = []
        } else {
            exactColors?.append(color)
        }
    }
}
