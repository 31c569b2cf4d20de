import Imaging

/// A small picture that a function of the place gives; its sides are odd, so that no row, block or byte ends with it.
struct Scene: Sendable {
    typealias Pixel = SIMD4<UInt8>

    static let width = 37
    static let height = 23
    static let size = Size(width: width, height: height)

    /// RGBA, straight alpha, rows from the top.
    let pixels: [Pixel]

    init(_ pixel: (_ x: Int, _ y: Int) -> Pixel) {
        pixels = (0..<Self.height).flatMap { y in (0..<Self.width).map { x in pixel(x, y) } }
    }

    init(_ decoded: Decoded) { self.init(decoded.bytes, decoded.layout) }

    init(reading rows: any RowSource) throws {
        var bytes: [UInt8] = []
        var row = [UInt8](repeating: 0, count: rows.layout.rowByteCount)
        for _ in 0..<rows.layout.size.height {
            try rows.readRow(into: &row)
            bytes += row
        }
        self.init(bytes, rows.layout)
    }

    private init(_ bytes: [UInt8], _ layout: RowLayout) {
        pixels = (0..<layout.size.area).map { i in
            switch layout.format.channels {
            case .gray: Pixel(bytes[i], bytes[i], bytes[i], 255)
            case .rgba: Pixel((0..<4).map { bytes[i * 4 + $0] })
            }
        }
    }

    subscript(x: Int, y: Int) -> Pixel { pixels[y * Self.width + x] }

    func map(_ change: (Pixel) -> Pixel) -> Scene { Scene { x, y in change(self[x, y]) } }

    /// The bytes of all pixels, those of each as `samples` gives them.
    func bytes(_ samples: (Pixel) -> [UInt8]) -> [UInt8] { pixels.flatMap(samples) }

    var rgba: [UInt8] { bytes { [$0.x, $0.y, $0.z, $0.w] } }
    var rgb: [UInt8] { bytes { [$0.x, $0.y, $0.z] } }
    var red: [UInt8] { pixels.map(\.x) }

    /// Cyan, magenta, yellow and black, 255 of each its full ink. Black lets 240 / 255 through, and no colour is lighter.
    var inks: [UInt8] {
        bytes { color in
            [color.x, color.y, color.z].map { 255 - UInt8((Double($0) * 255 / 240).rounded()) } + [15]
        }
    }

    /// 16 bits a sample, the nearest 8 of which are the scene's own: up to 100 of 65535 beside them.
    func wide(_ samples: [UInt8]) -> [Int] {
        samples.enumerated().map { i, value in min(max(Int(value) * 257 + i * 31 % 201 - 100, 0), 65_535) }
    }

    var colorCount: Int { Set(pixels).count }

    /// Whether no sample differs by more than 12 from that to its left or above it.
    var isSmooth: Bool {
        (0..<Self.size.area).allSatisfy { i in
            let (x, y) = (i % Self.width, i / Self.width)
            let neighbours = [self[max(x - 1, 0), y], self[x, max(y - 1, 0)]]
            return neighbours.allSatisfy { neighbour in
                (0..<4).allSatisfy { abs(Int(neighbour[$0]) - Int(pixels[i][$0])) <= 12 }
            }
        }
    }
}

extension Scene {
    /// Smooth, and different in each channel and direction.
    static let slope = Scene { x, y in
        Pixel(UInt8(40 + 5 * x), UInt8(60 + 6 * y), UInt8(230 - 4 * x - 3 * y), 255)
    }

    static let gray = Scene { x, y in Pixel(gray: 20 + 4 * x + 3 * y) }

    static let mirrored = Scene { x, y in slope[width - 1 - x, y] }

    /// The slope, from opaque at the left to transparent at the right.
    static let veil = slope.withAlpha { x, _ in UInt8(max(0, 255 - 8 * x)) }

    static let grayVeil = gray.withAlpha { x, y in UInt8(max(0, 255 - 5 * x - 4 * y)) }

    /// The slope with a hole.
    static let hole = slope.withAlpha { x, y in isHole(x, y) ? 0 : 255 }

    static func isHole(_ x: Int, _ y: Int) -> Bool { (10..<21).contains(x) && (5..<12).contains(y) }

    /// What is left of a scene where a channel has so many bits.
    func reduced(_ red: Int, _ green: Int, _ blue: Int, _ alpha: Int = 8) -> Scene {
        func reduced(_ value: UInt8, _ bits: Int) -> UInt8 { UInt8(scaling: Self.level(value, bits), of: bits) }
        return map { Pixel(reduced($0.x, red), reduced($0.y, green), reduced($0.z, blue), reduced($0.w, alpha)) }
    }

    /// The highest bits of a value.
    static func level(_ value: UInt8, _ bits: Int) -> Int { Int(value) >> (8 - bits) }

    /// Levels of gray of so many bits; 1 is light.
    static func gray(bits: Int) -> Scene {
        Scene(indices(1 << bits)) { Pixel(gray: Int(UInt8(scaling: $0, of: bits))) }
    }

    /// Shows what each index stands for.
    init(_ indices: [Int], _ color: (Int) -> Pixel) {
        self.init { x, y in color(indices[y * Self.width + x]) }
    }

    /// Bands of the indices below `count`, in their order, aslant.
    static func indices(_ count: Int) -> [Int] {
        (0..<size.area).map { i in (2 * (i % width) + i / width) * count / (2 * width + height) }
    }

    private func withAlpha(_ alpha: (Int, Int) -> UInt8) -> Scene {
        Scene { x, y in Pixel(self[x, y].x, self[x, y].y, self[x, y].z, alpha(x, y)) }
    }
}

/// Colours of `count` indices that follow each other closely, and differ in each channel.
struct Ramp {
    let count: Int

    func callAsFunction(_ index: Int) -> Scene.Pixel {
        let part = index * 180 / (count - 1)
        return Scene.Pixel(UInt8(30 + part), UInt8(220 - part), UInt8(60 + part / 2), 255)
    }

    var colors: [Scene.Pixel] { (0..<count).map { self($0) } }
}

extension Scene.Pixel {
    init(gray: Int) { self.init(UInt8(gray), UInt8(gray), UInt8(gray), 255) }
}

extension UInt8 {
    /// The nearest of 0…255 to a level of 0…2^bits − 1.
    init(scaling level: Int, of bits: Int) {
        self = UInt8((Double(level) * 255 / Double(1 << bits - 1)).rounded())
    }
}
