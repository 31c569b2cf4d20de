import CTIFF
import Imaging

/// What the samples of a TIFF's pixels mean, and how they become ours.
struct TIFFSamples {
    enum Layout {
        case gray, palette, rgb, cmyk, lab
        /// Luma and chroma without JPEG.
        case convertedByLibrary
    }

    private(set) var layout = Layout.gray
    /// Bits of a sample: 1, 2, 4, 8, 16 or 32.
    private(set) var bits = 8
    /// Samples of a pixel, with those that are not used.
    private(set) var perPixel = 1
    /// Samples of a pixel that lie together in a strip or tile.
    private(set) var perPixelInBlock = 1
    /// Samples that are read: colours, and alpha where there is one.
    private(set) var usedCount = 1
    private(set) var hasAlpha = false
    private var isPremultiplied = false
    private var isFloat = false
    private var isWhiteZero = false
    /// Lab as TIFF 6.0 has it, and not as colour profiles do.
    private var isCIELab = false
    private var palette: [Color] = []

    init() {}

    init(_ tags: ctiff_tags, palette: [Color]) throws(DecodeError) {
        bits = Int(tags.bits_per_sample)
        perPixel = Int(tags.samples_per_pixel)
        perPixelInBlock = tags.is_planar != 0 ? 1 : perPixel
        isFloat = tags.sample_format == 3
        isWhiteZero = tags.photometric == CTIFF_WHITE_IS_ZERO
        isCIELab = tags.photometric == CTIFF_CIE_LAB
        self.palette = palette
        layout = try Self.layout(tags)

        let colorCount: Int
        switch layout {
        case .gray, .palette: colorCount = 1
        case .rgb, .lab, .convertedByLibrary: colorCount = 3
        case .cmyk: colorCount = 4
        }
        guard perPixel >= colorCount, perPixel <= 16 else {
            throw .malformed(.tiff, reason: "\(perPixel) samples a pixel")
        }
        let fits =
            switch layout {
            case .palette: bits <= 8 && !palette.isEmpty
            case .lab: bits == 8 || bits == 16
            case .convertedByLibrary: bits == 8 && perPixel == 3
            default: true
            }
        let isKnown = isFloat ? bits == 32 : tags.sample_format != 2 && [1, 2, 4, 8, 16, 32].contains(bits)
        guard fits, isKnown else { throw .unsupported(.tiff, reason: "samples of \(bits) bits of this kind") }
        // 1 is alpha that the colours are multiplied with, 2 alpha alone; anything else is not for looking at.
        hasAlpha = perPixel > colorCount && (1...2).contains(tags.extra_kind) && (layout == .gray || layout == .rgb)
        isPremultiplied = tags.extra_kind == 1
        usedCount = colorCount + (hasAlpha ? 1 : 0)
    }

    var isGray: Bool { layout == .gray }

    var colorMode: ColorMode {
        switch layout {
        case .gray: hasAlpha ? .grayAlpha : .gray
        case .palette: .palette
        case .rgb: hasAlpha ? .rgba : .rgb
        case .cmyk: .cmyk
        case .lab: .lab
        case .convertedByLibrary: .yCbCr
        }
    }

    var channels: PixelFormat.Channels { isGray && !hasAlpha ? .gray : .rgba }

    /// Whether more than 8 bits of a sample can be kept.
    var isDeep: Bool { bits > 8 && (layout == .gray || layout == .rgb) }

    private static func layout(_ tags: ctiff_tags) throws(DecodeError) -> Layout {
        switch Int(tags.photometric) {
        case CTIFF_WHITE_IS_ZERO, CTIFF_BLACK_IS_ZERO: return .gray
        case CTIFF_RGB: return .rgb
        case CTIFF_PALETTE: return .palette
        case CTIFF_SEPARATED where tags.ink_set == 1: return .cmyk
        case CTIFF_CIE_LAB, CTIFF_ICC_LAB: return .lab
        case CTIFF_YCBCR: return .convertedByLibrary
        default: throw .unsupported(.tiff, reason: "colours of kind \(tags.photometric)")
        }
    }

    /// Turns samples of the file into ours; palette indices keep their value, and Lab becomes 8 bits as profiles have it.
    ///
    /// - Parameters:
    ///   - raw: one row as the file has it; 16 and 32 bits in the machine's byte order, where libtiff puts them.
    ///   - step: the distance from one written sample to the next.
    func unpack<S: Sample>(_ raw: Span<UInt8>, count: Int, into samples: inout [S], at first: Int, step: Int) {
        switch bits {
        case 8 where layout == .lab:
            for i in 0..<count {
                let place = first + i * step
                samples[place] = S(widening: TIFFLab.byte(raw[i], channel: place % perPixel, isCIE: isCIELab))
            }
        case 16 where layout == .lab:
            for i in 0..<count {
                let place = first + i * step
                let value = unsafe raw.bytes.unsafeLoadUnaligned(fromByteOffset: i * 2, as: UInt16.self)
                samples[place] = S(widening: TIFFLab.byte(value, channel: place % perPixel, isCIE: isCIELab))
            }
        case 8:
            for i in 0..<count { samples[first + i * step] = S(widening: raw[i]) }
        case 16:
            for i in 0..<count {
                let value = unsafe raw.bytes.unsafeLoadUnaligned(fromByteOffset: i * 2, as: UInt16.self)
                samples[first + i * step] = S(nearest: value)
            }
        case 32 where isFloat:
            for i in 0..<count {
                let value = unsafe raw.bytes.unsafeLoadUnaligned(fromByteOffset: i * 4, as: Float.self)
                samples[first + i * step] = S(part: Double(value))
            }
        case 32:
            for i in 0..<count {
                let value = unsafe raw.bytes.unsafeLoadUnaligned(fromByteOffset: i * 4, as: UInt32.self)
                samples[first + i * step] = S((UInt64(value) * UInt64(S.max) + 1 << 31) >> 32)
            }
        default:
            let scale = layout == .palette ? 1 : Int(S.max) / (1 << bits - 1)
            let mask = 1 << bits - 1
            for i in 0..<count {
                let bit = i * bits
                samples[first + i * step] =
                    S(truncatingIfNeeded: (Int(raw[bit / 8]) >> (8 - bits - bit % 8) & mask) * scale)
            }
        }
    }

    /// Whether a row is as ``convert(_:into:width:)`` wants it without unpacking.
    var isPlain: Bool {
        bits == 8 && perPixelInBlock == perPixel && layout != .lab && layout != .convertedByLibrary
    }

    /// Turns unpacked samples, `perPixel` a pixel, into a row of `format`; inks and Lab stay what they are, four samples a
    /// pixel.
    func convert<S: Sample>(_ samples: Span<S>, into row: inout MutableSpan<S>, width: Int) {
        let flip: S = isWhiteZero ? .max : 0
        switch layout {
        case .gray where !hasAlpha:
            for x in 0..<width { row[x] = samples[x * perPixel] ^ flip }
        case .gray:
            for x in 0..<width {
                let gray = samples[x * perPixel] ^ flip
                set(&row, x, gray, gray, gray, samples[x * perPixel + 1])
            }
        case .palette:
            for x in 0..<width {
                let color = palette[min(Int(samples[x * perPixel]), palette.count - 1)]
                set(&row, x, S(widening: color.red), S(widening: color.green), S(widening: color.blue), .max)
            }
        case .rgb where hasAlpha:
            for x in 0..<width {
                let i = x * perPixel
                set(&row, x, samples[i], samples[i + 1], samples[i + 2], samples[i + 3])
            }
        case .rgb, .lab, .convertedByLibrary:
            for x in 0..<width {
                let i = x * perPixel
                row[x * 4] = samples[i]
                row[x * 4 + 1] = samples[i + 1]
                row[x * 4 + 2] = samples[i + 2]
                row[x * 4 + 3] = .max
            }
        case .cmyk:
            for x in 0..<width {
                for channel in 0..<4 { row[x * 4 + channel] = samples[x * perPixel + channel] }
            }
        }
    }

    @inline(__always)
    private func set<S: Sample>(
        _ row: inout MutableSpan<S>, _ x: Int, _ red: S, _ green: S, _ blue: S, _ alpha: S
    ) {
        row[x * 4] = straight(red, alpha)
        row[x * 4 + 1] = straight(green, alpha)
        row[x * 4 + 2] = straight(blue, alpha)
        row[x * 4 + 3] = alpha
    }

    /// A channel without the alpha it was multiplied with.
    @inline(__always)
    private func straight<S: Sample>(_ value: S, _ alpha: S) -> S {
        guard isPremultiplied, hasAlpha, alpha < .max else { return value }
        guard alpha > 0 else { return 0 }
        return S(min(Int(S.max), (Int(value) * Int(S.max) + Int(alpha) / 2) / Int(alpha)))
    }
}
