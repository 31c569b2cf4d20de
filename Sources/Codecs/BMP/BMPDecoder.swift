import Imaging

/// Rows of a bitmap, from the mapped file: those of the usual bottom-up kind are read from its end. Only run lengths are
/// decoded as a whole.
final class BMPDecoder: RowSource {
    let layout: RowLayout
    private let image: EncodedImage
    private let header: BMPHeader
    /// Palette indices of the whole picture, bottom row first; empty unless it is run-length encoded.
    private let indices: [UInt8]
    private var nextRow = 0

    init(_ image: EncodedImage) throws(DecodeError) {
        let header = try image.withBytes { bytes throws(DecodeError) in try BMPHeader(bytes) }
        let isOpaque =
            if header.compression.isRunLength { true } else {
                try image.withBytes { bytes throws(DecodeError) in
                    try Self.checkExtent(of: header, in: bytes)
                    return !header.hasAlpha || Self.isAlphaUnused(header, bytes)
                }
            }
        layout = RowLayout(size: header.size, format: header.isGray ? .gray8 : .rgba8, isOpaque: isOpaque)
        indices =
            header.compression.isRunLength
            ? try image.withBytes { bytes throws(DecodeError) in try BMPRunLength.indices(header, bytes) } : []
        self.image = image
        self.header = header
    }

    /// To sRGB, where the rows are not in it; palettes are already.
    var transform: ColorTransform? {
        header.bitsPerPixel <= 8 ? nil : image.withBytes { BMPProfile.transform(in: $0) }
    }

    func readRow(into row: inout MutableSpan<UInt8>) {
        let y = header.isTopDown ? nextRow : header.size.height - 1 - nextRow
        nextRow += 1
        if header.compression.isRunLength {
            let indices = indices
            unpack(indices.span, y * header.size.width, bits: 8, into: &row)
        } else {
            image.withBytes { bytes in
                let offset = header.pixelOffset + y * header.stride
                switch header.bitsPerPixel {
                case 16: unpack16(bytes, offset, into: &row)
                case 24: unpack24(bytes, offset, into: &row)
                case 32: unpack32(bytes, offset, into: &row)
                default: unpack(bytes, offset, bits: header.bitsPerPixel, into: &row)
                }
            }
        }
    }

    /// Palette indices of 1…8 bits, the first in the highest bits of a byte. An index without a colour is black.
    private func unpack(_ bytes: Span<UInt8>, _ offset: Int, bits: Int, into row: inout MutableSpan<UInt8>) {
        let perByte = 8 / bits
        let mask = UInt8(truncatingIfNeeded: 1 << bits - 1)
        for x in 0..<header.size.width {
            let shift = 8 - bits * (x % perByte + 1)
            let index = Int(bytes[offset + x / perByte] >> UInt8(truncatingIfNeeded: shift) & mask)
            let color = index < header.palette.count ? header.palette[index] : .black
            switch layout.format.channels {
            case .gray: row[x] = color.red
            case .rgba: Self.set(&row, x, color.red, color.green, color.blue, 255)
            }
        }
    }

    private func unpack16(_ bytes: Span<UInt8>, _ offset: Int, into row: inout MutableSpan<UInt8>) {
        for x in 0..<header.size.width {
            let pixel = UInt32(bytes[offset + x * 2]) | UInt32(bytes[offset + x * 2 + 1]) << 8
            set(&row, x, pixel)
        }
    }

    private func unpack24(_ bytes: Span<UInt8>, _ offset: Int, into row: inout MutableSpan<UInt8>) {
        for x in 0..<header.size.width {
            let i = offset + x * 3
            Self.set(&row, x, bytes[i + 2], bytes[i + 1], bytes[i], 255)
        }
    }

    private func unpack32(_ bytes: Span<UInt8>, _ offset: Int, into row: inout MutableSpan<UInt8>) {
        for x in 0..<header.size.width { set(&row, x, Self.pixel32(bytes, offset + x * 4)) }
    }

    @inline(__always)
    private func set(_ row: inout MutableSpan<UInt8>, _ x: Int, _ pixel: UInt32) {
        let masks = header.masks
        Self.set(
            &row, x, masks.red.value(of: pixel), masks.green.value(of: pixel), masks.blue.value(of: pixel),
            layout.isOpaque ? 255 : masks.alpha.value(of: pixel))
    }

    @inline(__always)
    private static func set(
        _ row: inout MutableSpan<UInt8>, _ x: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8, _ alpha: UInt8
    ) {
        row[x * 4] = red
        row[x * 4 + 1] = green
        row[x * 4 + 2] = blue
        row[x * 4 + 3] = alpha
    }

    @inline(__always)
    private static func pixel32(_ bytes: Span<UInt8>, _ offset: Int) -> UInt32 {
        UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
            | UInt32(bytes[offset + 3]) << 24
    }

    /// Whether all rows lie in the file; the last one may lack its padding.
    private static func checkExtent(of header: BMPHeader, in bytes: Span<UInt8>) throws(DecodeError) {
        let (others, overflows) = header.stride.multipliedReportingOverflow(by: header.size.height - 1)
        guard !overflows, others <= bytes.count - header.pixelOffset - header.packedRowByteCount else {
            throw .truncated
        }
    }

    /// Whether the alpha of every pixel is 0: many writers leave a channel of zeros in opaque pictures, which browsers ignore.
    private static func isAlphaUnused(_ header: BMPHeader, _ bytes: Span<UInt8>) -> Bool {
        let step = header.bitsPerPixel / 8
        for y in 0..<header.size.height {
            let start = header.pixelOffset + y * header.stride
            for x in 0..<header.size.width {
                let offset = start + x * step
                let pixel =
                    step == 4
                    ? pixel32(bytes, offset) : UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
                if header.masks.alpha.value(of: pixel) != 0 { return false }
            }
        }
        return true
    }
}
