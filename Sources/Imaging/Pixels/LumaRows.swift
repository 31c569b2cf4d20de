/// Opaque RGBA rows as their luma.
final class LumaRows: RowSource {
    let layout: RowLayout
    private let source: any RowSource
    private var colors: [UInt8]

    init(_ source: any RowSource) {
        self.source = source
        let format = source.layout.format
        precondition(format.channels == .rgba)
        layout = RowLayout(
            size: source.layout.size, format: PixelFormat(.gray, isDeep: format.isDeep), isOpaque: true)
        colors = [UInt8](repeating: 0, count: source.layout.rowByteCount)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &colors)
        if layout.format.isDeep {
            Luma.writeDeep(of: colors, into: &row)
        } else {
            Luma.write(of: colors, into: &row)
        }
    }
}

/// The luma of Rec. ITU-R BT.601 on sRGB values, as JFIF uses it: 0.299 R + 0.587 G + 0.114 B, rounded to nearest.
enum Luma {
    private static let red: Int16 = 9798
    private static let green: Int16 = 19235
    private static let blue: Int16 = 3735
    private static let shift: Int32 = 15

    @inline(__always)
    static func of(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        let sum = Int32(red) &* Int32(Self.red) &+ Int32(green) &* Int32(Self.green) &+ Int32(blue) &* Int32(Self.blue)
        return UInt8(truncatingIfNeeded: (sum &+ 1 &<< (shift &- 1)) &>> shift)
    }

    static func write(of colors: [UInt8], into gray: inout MutableSpan<UInt8>) {
        let count = gray.count
        precondition(colors.count == count * 4)
        unsafe colors.withUnsafeBufferPointer { colors in
            unsafe gray.withUnsafeMutableBufferPointer { gray in
                guard let source = unsafe UnsafeRawPointer(colors.baseAddress),
                    let target = UnsafeMutableRawPointer(gray.baseAddress)
                else { return }
                let whole = count & ~15
                for x in stride(from: 0, to: whole, by: 16) {
                    let pixels = unsafe source + x &* 4
                    let low = unsafe SIMD8<Int16>(saturating: lumas(pixels), lumas(pixels + 16))
                    let high = unsafe SIMD8<Int16>(saturating: lumas(pixels + 32), lumas(pixels + 48))
                    unsafe target.storeBytes(
                        of: SIMD16<UInt8>(saturating: low, high), toByteOffset: x, as: SIMD16<UInt8>.self)
                }
                for x in whole..<count {
                    unsafe gray[x] = of(colors[4 * x], colors[4 * x + 1], colors[4 * x + 2])
                }
            }
        }
    }

    /// - Parameter colors: deep, as `gray` is.
    static func writeDeep(of colors: [UInt8], into gray: inout MutableSpan<UInt8>) {
        let colors = unsafe colors.span.bytes
        gray.withSamples(of: UInt16.self) { gray in
            for x in gray.indices {
                let pixel = unsafe colors.unsafeLoadUnaligned(fromByteOffset: x &* 8, as: SIMD4<UInt16>.self)
                let parts = SIMD4<Float>(samples: pixel) * SIMD4(0.299, 0.587, 0.114, 0)
                gray[x] = UInt16(nearest: parts[0] + parts[1] + parts[2])
            }
        }
    }

    /// The lumas of four pixels.
    @inline(__always)
    private static func lumas(_ place: UnsafeRawPointer) -> SIMD4<Int32> {
        let pixels = unsafe place.loadUnaligned(as: SIMD4<UInt32>.self)
        let redBlue = unsafe unsafeBitCast(pixels & 0x00FF_00FF, to: SIMD8<Int16>.self)
        let greenAlpha = unsafe unsafeBitCast(pixels &>> 8 & 0x00FF_00FF, to: SIMD8<Int16>.self)
        let sum =
            multiplyAdd(redBlue, SIMD8(red, blue, red, blue, red, blue, red, blue))
            &+ multiplyAdd(greenAlpha, SIMD8(green, 0, green, 0, green, 0, green, 0))
        return (sum &+ SIMD4(repeating: 1 << (shift - 1))) &>> shift
    }
}
