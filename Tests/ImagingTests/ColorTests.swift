#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

import Imaging
import Testing

@Suite struct `Colour operations` {
    /// Every operation, with the function of the W3C's Filter Effects Module that defines it, on values of 0…1 written as
    /// that document writes it.
    static let functions: [(step: String, function: @Sendable ([Double]) -> [Double])] = [
        ("sepia:1", sepia(1)), ("sepia:0.4", sepia(0.4)), ("sepia", sepia(1)),
        ("saturate:0", saturate(0)), ("saturate", saturate(1.5)), ("saturate:10", saturate(10)),
        ("hue_rotate", hueRotate(90)), ("hue_rotate:-30", hueRotate(-30)), ("hue_rotate:1000", hueRotate(1000)),
        ("invert", { $0.map { 1 - $0 } }), ("invert:0.3", { $0.map { 0.3 + $0 * (1 - 2 * 0.3) } }),
        ("brightness", { $0.map { 1.5 * $0 } }), ("brightness:0.2", { $0.map { 0.2 * $0 } }),
        ("brightness:10", { $0.map { 10 * $0 } }),
        ("contrast", { $0.map { 1.5 * $0 - 0.25 } }), ("contrast:0", { $0.map { _ in 0.5 } }),
        ("contrast:10", { $0.map { 10 * $0 - 4.5 } }),
        ("gamma", { $0.map { pow($0, 1 / 2.2) } }), ("gamma:0.5", { $0.map { $0 * $0 } }),
        ("tint:ff8000", tint(1)), ("tint:ff8000:0.25", tint(0.25)),
        ("grayscale", { [Double](repeating: 0.299 * $0[0] + 0.587 * $0[1] + 0.114 * $0[2], count: 3) }),
    ]

    @Test(arguments: functions.indices, [PixelFormat.rgba8, .rgba16])
    func `are the W3C's functions within one level`(_ index: Int, _ format: PixelFormat) throws {
        let (step, function) = Self.functions[index]
        // A width that is no multiple of the vectors' length, alpha too.
        let picture = Picture.noise(67, 41, format, isOpaque: false)
        let changed = try picture.after(step)
        var largest = 0.0
        for y in 0..<41 {
            for x in 0..<67 {
                let before = picture.levels(x, y)
                let after = changed.levels(x, y)
                #expect(after[3] == before[3])
                for (exact, level) in zip(function(before.prefix(3).map { Double($0) / picture.most }), after) {
                    largest = max(largest, abs(min(max(exact, 0), 1) * picture.most - Double(level)))
                }
            }
        }
        #expect(largest <= 1, "\(step)")
    }

    @Test(
        arguments: ["invert", "gamma", "brightness:0.7", "contrast:3", "saturate:4", "hue_rotate:40", "grayscale"],
        [false, true])
    func `keep a gray picture gray and give what they give its colours`(_ step: String, _ isDeep: Bool) throws {
        func level(_ x: Int) -> UInt16 { UInt16(x * (isDeep ? 257 : 1)) }
        let (format, colors) = (PixelFormat(.gray, isDeep: isDeep), PixelFormat(.rgba, isDeep: isDeep))
        let gray = Picture(256, 2, format) { x, _ in format.bytes([level(x)]) }
        let changed = try gray.after(step)
        #expect(changed.layout.format == format)
        let colored = try Picture(256, 2, colors) { x, _ in
            colors.bytes([level(x), level(x), level(x), .max])
        }.after(step, "grayscale")
        #expect(try #require(changed.difference(from: colored)) <= 1)
    }

    @Test func `sepia colours a gray picture`() throws {
        let sepia = try Picture(3, 1, .gray8) { _, _ in [100] }.after("sepia")
        #expect(sepia[1, 0] == [135, 120, 94, 255])
        let deep = try Picture(3, 1, .gray16) { _, _ in UInt16(25_700).nativeBytes }.after("sepia")
        // 25700 × (0.393 + 0.769 + 0.189), and so on.
        #expect(deep.levels(1, 0) == [34_721, 30_917, 24_081, 65_535])
    }

    @Test func `tint colours a gray picture`() throws {
        let tinted = try Picture(3, 1, .gray8) { x, _ in [[0, 100, 255][x]] }.after("tint:0080ff")
        #expect(
            tinted[0, 0] == [0, 0, 0, 255] && tinted[1, 0] == [0, 50, 100, 255] && tinted[2, 0] == [0, 128, 255, 255])
    }

    @Test(arguments: [PixelFormat.rgba8, .rgba16])
    func `grayscale gives one sample a pixel where the picture is opaque`(_ format: PixelFormat) throws {
        let picture = Picture.noise(45, 7, format)
        let gray = try picture.after("grayscale")
        #expect(gray.layout.format == PixelFormat(.gray, isDeep: format.isDeep))
        for x in 0..<45 {
            let pixel = picture.levels(x, 3).map(Double.init)
            #expect(
                abs(Double(gray.levels(x, 3)[0]) - (0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2])) <= 0.51)
        }
    }

    @Test func `one after another are applied in order, in one pass`() throws {
        let picture = Picture.noise(30, 20)
        let stages = try picture.after("brightness:2", "invert", "sepia:0.5")
        #expect(try stages == picture.after("brightness:2").after("invert").after("sepia:0.5"))
    }

    @Test(
        arguments: [
            "sepia:0", "saturate:1", "hue_rotate:0", "hue_rotate:360", "invert:0", "brightness:1", "contrast:1",
            "gamma:1", "tint:00ff00:0",
        ], [PixelFormat.rgba8, .rgba16])
    func `of no intensity change nothing`(_ step: String, _ format: PixelFormat) throws {
        let picture = Picture.noise(31, 9, format)
        #expect(try picture.after(step) == picture)
    }

    private static func tint(_ amount: Double) -> @Sendable ([Double]) -> [Double] {
        { color in
            let luma = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
            return zip(color, [1, 128.0 / 255, 0]).map { $0 * (1 - amount) + luma * $1 * amount }
        }
    }

    private static func sepia(_ amount: Double) -> @Sendable ([Double]) -> [Double] {
        let rest = 1 - amount
        return matrix([
            [0.393 + 0.607 * rest, 0.769 - 0.769 * rest, 0.189 - 0.189 * rest],
            [0.349 - 0.349 * rest, 0.686 + 0.314 * rest, 0.168 - 0.168 * rest],
            [0.272 - 0.272 * rest, 0.534 - 0.534 * rest, 0.131 + 0.869 * rest],
        ])
    }

    private static func saturate(_ s: Double) -> @Sendable ([Double]) -> [Double] {
        matrix([
            [0.213 + 0.787 * s, 0.715 - 0.715 * s, 0.072 - 0.072 * s],
            [0.213 - 0.213 * s, 0.715 + 0.285 * s, 0.072 - 0.072 * s],
            [0.213 - 0.213 * s, 0.715 - 0.715 * s, 0.072 + 0.928 * s],
        ])
    }

    /// The sum of three matrices: the constant one, that of the cosine and that of the sine.
    private static func hueRotate(_ degrees: Double) -> @Sendable ([Double]) -> [Double] {
        let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
        let constant = [[0.213, 0.715, 0.072], [0.213, 0.715, 0.072], [0.213, 0.715, 0.072]]
        let cosine = [[0.787, -0.715, -0.072], [-0.213, 0.285, -0.072], [-0.213, -0.715, 0.928]]
        let sine = [[-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072]]
        return matrix(
            (0..<3).map { row in
                (0..<3).map { constant[row][$0] + c * cosine[row][$0] + s * sine[row][$0] }
            })
    }

    private static func matrix(_ rows: [[Double]]) -> @Sendable ([Double]) -> [Double] {
        { color in rows.map { $0[0] * color[0] + $0[1] * color[1] + $0[2] * color[2] } }
    }
}
