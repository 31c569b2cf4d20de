import Imaging
import TestPictures

extension SourceKind {
    static let tiff = tiffOrders + tiffDepths + tiffLabs + tiffKinds

    private static let tiffOrders = [false, true].flatMap { isBigEndian -> [SourceKind] in
        let order = isBigEndian ? "big-endian" : "little-endian"
        return [
            SourceKind("TIFF, RGB of 8 bits, \(order)", .slope) {
                tiffFile([8, 8, 8], 2, Scene.slope.rgb) { $0.isBigEndian = isBigEndian }
            },
            SourceKind("TIFF, RGB of 16 bits, \(order)", .slope, deep: Scene.slope.rgb) { wide in
                tiffFile([16, 16, 16], 2, wide.flatMap { bytes($0, isBigEndian) }) { $0.isBigEndian = isBigEndian }
            },
            SourceKind("TIFF, gray of 16 bits, \(order)", .gray, deep: Scene.gray.red) { wide in
                tiffFile([16], 1, wide.flatMap { bytes($0, isBigEndian) }) { $0.isBigEndian = isBigEndian }
            },
            SourceKind("TIFF, RGB of 32 bits, \(order)", .slope, deep: Scene.slope.rgb) { wide in
                // Up to half a step of 16 bits beside: what cuts bits off instead of rounding is found out.
                let samples = wide.enumerated().flatMap { i, value -> [UInt8] in
                    let sample = UInt32(value * 65_537 + (i.isMultiple(of: 2) ? 32_000 : -32_000))
                    return isBigEndian ? [UInt8](big: sample) : [UInt8](little: sample)
                }
                return tiffFile([32, 32, 32], 2, samples) { $0.isBigEndian = isBigEndian }
            },
            SourceKind("BigTIFF, \(order)", .slope) {
                lib(.none, Scene.slope.rgb) { ($0.isBig, $0.isBigEndian) = (true, isBigEndian) }
            },
            SourceKind("TIFF, tiles, Deflate with predictor, \(order)", .slope) {
                lib(.deflate, Scene.slope.rgb) {
                    ($0.tileSide, $0.hasPredictor, $0.isBigEndian) = (16, true, isBigEndian)
                }
            },
            SourceKind("TIFF, 16 bits, LZW with predictor, \(order)", .slope, deep: Scene.slope.rgb) { wide in
                var file = LibTIFF(
                    Scene.width, Scene.height, bits: 16, .lzw,
                    samples: wide.flatMap { bytes($0, UInt16(1).bigEndian == 1) })
                (file.hasPredictor, file.isBigEndian) = (true, isBigEndian)
                return file.bytes
            },
        ]
    }

    private static let tiffDepths = [1, 2, 4].flatMap { bits -> [SourceKind] in
        let samples = [UInt8].packed(
            Scene.indices(1 << bits).map { UInt8($0) }, width: Scene.width, bits: bits)
        let ramp = Ramp(count: 1 << bits)
        return [
            SourceKind("TIFF, gray of \(bits) bits", .gray(bits: bits)) { tiffFile([bits], 1, samples) },
            SourceKind("TIFF, palette of \(bits) bits", Scene(Scene.indices(ramp.count)) { ramp($0) }) {
                tiffFile([bits], 3, samples) { $0.entries[320] = palette(ramp) }
            },
        ]
    }

    /// Of 16 bits, too, 8 are read. A step of a* or b* is up to 5 of blue where that is dark.
    private static let tiffLabs = [8, 16].map { bits in
        SourceKind("TIFF, Lab of \(bits) bits", .slope, Tolerance(mean: 0.7, decibels: 48, maximum: 6)) {
            tiffFile([bits, bits, bits], 8, Scene.slope.bytes { CIELab($0).samples(bits: bits) })
        }
    }

    private static let tiffKinds: [SourceKind] = [
        SourceKind("TIFF, palette of 8 bits", Scene(Scene.indices(256)) { Ramp(count: 256)($0) }) {
            tiffFile([8], 3, Scene.indices(256).map { UInt8($0) }) { $0.entries[320] = palette(Ramp(count: 256)) }
        },
        SourceKind("TIFF, gray of 8 bits", .gray) { tiffFile([8], 1, Scene.gray.red) },
        SourceKind("TIFF, gray of 8 bits, 0 is white", .gray) { tiffFile([8], 0, Scene.gray.red.map { 255 - $0 }) },
        SourceKind("TIFF, gray and alpha", .grayVeil) {
            tiffFile([8, 8], 1, Scene.grayVeil.bytes { [$0.x, $0.w] }) { $0.entries[338] = .short([2]) }
        },
        SourceKind("TIFF, RGB and alpha", .veil) {
            tiffFile([8, 8, 8, 8], 2, Scene.veil.rgba) { $0.entries[338] = .short([2]) }
        },
        SourceKind("TIFF, RGB multiplied with alpha", Scene.veil.map { multiplied($0).divided }) {
            tiffFile([8, 8, 8, 8], 2, Scene.veil.map { multiplied($0) }.rgba) { $0.entries[338] = .short([1]) }
        },
        SourceKind("TIFF, RGB and a channel not to look at", .slope) {
            tiffFile([8, 8, 8, 8], 2, Scene.veil.rgba) { $0.entries[338] = .short([0]) }
        },
        SourceKind("TIFF, RGB and alpha of 16 bits", .veil, deep: Scene.veil.rgba) { wide in
            tiffFile([16, 16, 16, 16], 2, wide.flatMap { bytes($0, false) }) { $0.entries[338] = .short([2]) }
        },
        SourceKind("TIFF, gray and alpha of 16 bits", .grayVeil, deep: Scene.grayVeil.bytes { [$0.x, $0.w] }) { wide in
            tiffFile([16, 16], 1, wide.flatMap { bytes($0, false) }) { $0.entries[338] = .short([2]) }
        },
        SourceKind("TIFF, RGB in floating point", .slope, deep: Scene.slope.rgb) { wide in
            let samples = wide.flatMap { [UInt8](little: (Float($0) / 65_535).bitPattern) }
            return tiffFile([32, 32, 32], 2, samples) { $0.entries[339] = .short([3, 3, 3]) }
        },
        SourceKind("TIFF, inks", .slope) {
            tiffFile([8, 8, 8, 8], 5, Scene.slope.bytes { [255 - $0.x, 255 - $0.y, 255 - $0.z, 0] })
        },
        SourceKind("TIFF, inks of 16 bits", .slope) {
            tiffFile([16, 16, 16, 16], 5, Scene.slope.wide(Scene.slope.inks).flatMap { bytes($0, false) })
        },
        SourceKind("TIFF, strips", .slope) {
            tiffFile([8, 8, 8], 2, Scene.slope.rgb) { file in
                let tops = Array(stride(from: 0, to: Scene.height, by: 5))
                file.entries[278] = .long([5])
                file.entries[273] = .long(tops.map { 8 + $0 * Scene.width * 3 })
                file.entries[279] = .long(tops.map { min(5, Scene.height - $0) * Scene.width * 3 })
            }
        },
        SourceKind("TIFF, planes", .slope) {
            tiffFile([8, 8, 8], 2, planes) { file in
                file.entries[284] = .short([2])
                file.entries[273] = .long((0..<3).map { 8 + $0 * Scene.size.area })
                file.entries[279] = .long([Int](repeating: Scene.size.area, count: 3))
            }
        },
        SourceKind("TIFF, planes in tiles, LZW", .slope) {
            lib(.lzw, planes) { ($0.tileSide, $0.isPlanar) = (16, true) }
        },
        SourceKind("TIFF, planes in strips, Deflate", .slope) { lib(.deflate, planes) { $0.isPlanar = true } },
        SourceKind("TIFF, tiles, LZW", .slope) { lib(.lzw, Scene.slope.rgb) { $0.tileSide = 16 } },
        SourceKind("TIFF, strips, LZW", .slope) { lib(.lzw, Scene.slope.rgb) },
        SourceKind("TIFF, strips, Deflate", .slope) { lib(.deflate, Scene.slope.rgb) },
        SourceKind("TIFF, strips, PackBits", .slope) { lib(.packBits, Scene.slope.rgb) },
        SourceKind("TIFF, gray, PackBits", .gray) {
            LibTIFF(Scene.width, Scene.height, channels: 1, .packBits, samples: Scene.gray.red).bytes
        },
        SourceKind("TIFF, fax of runs", .gray(bits: 1)) { fax(.faxRuns) },
        SourceKind("TIFF, fax of group 3", .gray(bits: 1)) { fax(.fax3) },
        SourceKind("TIFF, fax of group 4", .gray(bits: 1)) { fax(.fax4) },
        SourceKind("TIFF, fax of group 4, 0 is white", .gray(bits: 1)) { fax(.fax4, isWhiteZero: true) },
        SourceKind("TIFF, JPEG", .slope, Tolerance(mean: 1.2, decibels: 45, maximum: 9)) {
            lib(.jpeg, Scene.slope.rgb) { ($0.photometric, $0.rowsPerStrip) = (6, 16) }
        },
        SourceKind("TIFF that lies on its side", .slope) {
            // TIFF 6.0, tag 274: value 8 puts row 0 at the left, column 0 at the bottom.
            let samples = (0..<Scene.size.area).flatMap { i in
                Scene.slope.samples(i / Scene.height, Scene.height - 1 - i % Scene.height).prefix(3)
            }
            var file = TestTIFF(
                Scene.height, Scene.width, bits: [8, 8, 8], photometric: 2, samples: samples)
            file.entries[274] = .short([8])
            return file.bytes
        },
        // Luma and chroma of 8 bits are up to 2 beside, and libtiff rounds once more.
        SourceKind("TIFF, luma and chroma, upside down", .slope, Tolerance(mean: 1, decibels: 46, maximum: 3)) {
            // TIFF 6.0, tag 274: value 3 puts row 0 at the bottom, column 0 at the right.
            let samples = Scene.slope.pixels.reversed().flatMap { lumaAndChroma($0) }
            return tiffFile([8, 8, 8], 6, samples) { file in
                let tops = Array(stride(from: 0, to: Scene.height, by: 5))
                file.entries[274] = .short([3])
                file.entries[530] = .short([1, 1])
                file.entries[278] = .long([5])
                file.entries[273] = .long(tops.map { 8 + $0 * Scene.width * 3 })
                file.entries[279] = .long(tops.map { min(5, Scene.height - $0) * Scene.width * 3 })
            }
        },
        // libtiff repeats chroma that 2 × 2 pixels share, so that it is half a pixel beside.
        SourceKind("TIFF, luma and chroma, 4:2:0", .slope, Tolerance(mean: 2.4, decibels: 38.5, maximum: 9)) {
            let stripByteCount = 3 * 6 * ((Scene.width + 1) / 2)
            return tiffFile([8, 8, 8], 6, lumaAndSharedChroma) { file in
                let tops = Array(stride(from: 0, to: Scene.height, by: 6))
                file.entries[530] = .short([2, 2])
                file.entries[278] = .long([6])
                file.entries[273] = .long(tops.indices.map { 8 + $0 * stripByteCount })
                file.entries[279] = .long(tops.map { _ in stripByteCount })
            }
        },
        SourceKind("TIFF by ourselves", .veil) {
            try SourceFile.make(.tiff, Scene.width, Scene.height, isOpaque: false) { x, y in
                Scene.veil.samples(x, y)
            }
        },
    ]

    private static func tiffFile(
        _ bits: [Int], _ photometric: Int, _ samples: [UInt8], _ change: (inout TestTIFF) -> Void = { _ in }
    ) -> [UInt8] {
        var file = TestTIFF(Scene.width, Scene.height, bits: bits, photometric: photometric, samples: samples)
        change(&file)
        return file.bytes
    }

    private static func lib(
        _ compression: LibTIFF.Compression, _ samples: [UInt8], _ change: (inout LibTIFF) -> Void = { _ in }
    ) -> [UInt8] {
        var file = LibTIFF(Scene.width, Scene.height, compression, samples: samples)
        change(&file)
        return file.bytes
    }

    private static func fax(_ compression: LibTIFF.Compression, isWhiteZero: Bool = false) -> [UInt8] {
        let levels = Scene.indices(2).map { UInt8(isWhiteZero ? 1 - $0 : $0) }
        var file = LibTIFF(
            Scene.width, Scene.height, bits: 1, channels: 1, compression,
            samples: .packed(levels, width: Scene.width, bits: 1))
        if isWhiteZero { file.photometric = 0 }
        return file.bytes
    }

    private static func bytes(_ value: Int, _ isBigEndian: Bool) -> [UInt8] {
        isBigEndian ? [UInt8](big: UInt32(value), 2) : [UInt8](little: UInt32(value), 2)
    }

    /// All red, then all green, then all blue.
    private static var planes: [UInt8] { (0..<3).flatMap { channel in Scene.slope.pixels.map { $0[channel] } } }

    /// All red, then all green, then all blue, of 16 bits each.
    private static func palette(_ ramp: Ramp) -> TestTIFF.Value {
        .short((0..<3).flatMap { channel in ramp.colors.map { Int($0[channel]) * 257 } })
    }

    /// BT.601 with the full range, as TIFF 6.0 has it by default.
    private static func lumaAndChroma(_ color: Scene.Pixel) -> [UInt8] {
        let (red, green, blue) = (Double(color.x), Double(color.y), Double(color.z))
        let luma = 0.299 * red + 0.587 * green + 0.114 * blue
        return [luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402].map { UInt8($0.rounded()) }
    }

    /// Units of 2 × 2 pixels, as TIFF 6.0, section 21, has them: the luma of each, then the chroma that they share. Beyond the
    /// picture its edge is repeated.
    private static var lumaAndSharedChroma: [UInt8] {
        stride(from: 0, to: Scene.height, by: 2).flatMap { top in
            stride(from: 0, to: Scene.width, by: 2).flatMap { left -> [UInt8] in
                let pixels = (0..<4).map { i -> [UInt8] in
                    let (x, y) = (min(left + i % 2, Scene.width - 1), min(top + i / 2, Scene.height - 1))
                    return lumaAndChroma(Scene.slope[x, y])
                }
                let chroma = (1...2).map { channel in UInt8(pixels.reduce(2) { $0 + Int($1[channel]) } / 4) }
                return pixels.map { $0[0] } + chroma
            }
        }
    }

    private static func multiplied(_ color: Scene.Pixel) -> Scene.Pixel {
        let part = { (value: UInt8) in UInt8((Double(value) * Double(color.w) / 255).rounded()) }
        return Scene.Pixel(part(color.x), part(color.y), part(color.z), color.w)
    }
}

extension Scene.Pixel {
    /// Straight colours of those multiplied with alpha.
    fileprivate var divided: Scene.Pixel {
        guard w > 0 else { return .zero }
        let whole = { (value: UInt8) in UInt8(Swift.min(255, (Double(value) * 255 / Double(w)).rounded())) }
        return Scene.Pixel(whole(x), whole(y), whole(z), w)
    }
}
