import Imaging
import TestPictures

extension SourceKind {
    static let png = pngGrays + pngPalettes + pngColors

    private static let pngGrays = [1, 2, 4].flatMap { bits -> [SourceKind] in
        [false, true].map { isInterlaced in
            SourceKind("PNG, gray of \(bits) bits\(isInterlaced ? ", interlaced" : "")", .gray(bits: bits)) {
                pngFile(bits, 0, Scene.indices(1 << bits)).bytes(isInterlaced: isInterlaced)
            }
        }
    }

    private static let pngColors: [SourceKind] = [
        SourceKind("PNG, gray of 8 bits", .gray) { pngFile(8, 0, Scene.gray.red).bytes() },
        SourceKind("PNG, gray of 16 bits", .gray, deep: Scene.gray.red) { pngFile(16, 0, $0).bytes() },
        SourceKind("PNG, RGB of 8 bits", .slope) { pngFile(8, 2, Scene.slope.rgb).bytes() },
        SourceKind("PNG, RGB of 8 bits, interlaced", .slope) {
            pngFile(8, 2, Scene.slope.rgb).bytes(isInterlaced: true)
        },
        SourceKind("PNG, RGB of 16 bits", .slope, deep: Scene.slope.rgb) { pngFile(16, 2, $0).bytes() },
        SourceKind("PNG, RGB of 16 bits, interlaced", .slope, deep: Scene.slope.rgb) {
            pngFile(16, 2, $0).bytes(isInterlaced: true)
        },
        SourceKind("PNG, RGBA of 8 bits", .veil) { pngFile(8, 6, Scene.veil.rgba).bytes() },
        SourceKind("PNG, RGBA of 8 bits, interlaced", .veil) {
            pngFile(8, 6, Scene.veil.rgba).bytes(isInterlaced: true)
        },
        SourceKind("PNG, RGBA of 16 bits", .veil, deep: Scene.veil.rgba) { pngFile(16, 6, $0).bytes() },
        SourceKind("PNG, gray and alpha of 8 bits", .grayVeil) {
            pngFile(8, 4, Scene.grayVeil.bytes { [$0.x, $0.w] }).bytes()
        },
        SourceKind("PNG, gray and alpha of 16 bits", .grayVeil, deep: Scene.grayVeil.bytes { [$0.x, $0.w] }) {
            pngFile(16, 4, $0).bytes()
        },
        SourceKind("PNG, one colour transparent", .hole) {
            // No other pixel has it.
            var file = pngFile(8, 2, Scene.hole.bytes { $0.w == 0 ? [3, 250, 7] : [$0.x, $0.y, $0.z] })
            file.transparency = [0, 3, 0, 250, 0, 7]
            return file.bytes()
        },
        SourceKind("PNG, one gray transparent", Scene(Scene.indices(16)) { clear($0, at: 5) }) {
            var file = pngFile(4, 0, Scene.indices(16))
            file.transparency = [0, 5]
            return file.bytes()
        },
        SourceKind("PNG by ourselves", .veil) {
            try SourceFile.make(.png, Scene.width, Scene.height, isOpaque: false) { x, y in
                Scene.veil.samples(x, y)
            }
        },
    ]

    private static let pngPalettes = [1, 2, 4, 8].flatMap { bits -> [SourceKind] in
        let ramp = Ramp(count: 1 << bits)
        return [
            SourceKind("PNG, palette of \(bits) bits", Scene(Scene.indices(ramp.count)) { ramp($0) }) {
                palette(bits, ramp).bytes()
            },
            // The colours behind the table's end are opaque.
            SourceKind(
                "PNG, palette of \(bits) bits with alpha",
                Scene(Scene.indices(ramp.count)) { index in
                    var color = ramp(index)
                    if index < ramp.count / 2 { color.w = alpha(index, ramp) }
                    return color
                }
            ) {
                var file = palette(bits, ramp)
                file.transparency = (0..<ramp.count / 2).map { alpha($0, ramp) }
                return file.bytes()
            },
        ]
    }

    private static func pngFile(_ bits: Int, _ color: UInt8, _ samples: some Sequence<some BinaryInteger>) -> TestPNG {
        TestPNG(Scene.width, Scene.height, bits: bits, color: color, samples: samples.map { Int($0) })
    }

    private static func palette(_ bits: Int, _ ramp: Ramp) -> TestPNG {
        var file = pngFile(bits, 3, Scene.indices(ramp.count))
        file.palette = ramp.colors.flatMap { [$0.x, $0.y, $0.z] }
        return file
    }

    private static func alpha(_ index: Int, _ ramp: Ramp) -> UInt8 { UInt8(index * 510 / ramp.count) }

    private static func clear(_ level: Int, at hole: Int) -> Scene.Pixel {
        var color = Scene.Pixel(gray: level * 17)
        if level == hole { color.w = 0 }
        return color
    }
}
