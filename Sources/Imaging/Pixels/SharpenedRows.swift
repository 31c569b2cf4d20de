/// A source whose pixels are moved away from the mean of their surroundings.
///
/// The mean is that of the 3×3 kernel 1 1 1 / 1 5 1 / 1 1 1 over 13. `smooth + (original - smooth) × intensity` is worked
/// out in one go and rounded once, to nearest. Pixels at the border, and alpha, stay as they are.
final class SharpenedRows: RowSource {
    private let source: any RowSource
    /// `(intensity - 1) / 13` over 2¹⁵: what the difference of 8 × the pixel and its eight neighbours counts.
    private let factor: Int16
    private var above: [UInt8]
    private var middle: [UInt8]
    private var below: [UInt8]
    /// The sum of three rows, with one pixel more on either side.
    private var columns: [Int16]
    private var rowsRead = 0
    private var rowsMade = 0

    var layout: RowLayout { source.layout }

    init(_ source: any RowSource, intensity: Double) {
        self.source = source
        factor = Int16(((intensity - 1) / 13 * 32768).rounded())
        above = [UInt8](repeating: 0, count: source.layout.rowByteCount)
        middle = above
        below = above
        columns = [Int16](repeating: 0, count: above.count)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        if rowsRead == 0 { try readBelow() }
        swap(&above, &middle)
        swap(&middle, &below)
        if rowsRead < layout.size.height { try readBelow() }
        row.copy(middle[...])
        if rowsMade > 0, rowsMade < layout.size.height - 1 { sharpen(&row) }
        rowsMade += 1
    }

    private func readBelow() throws {
        try source.readRow(into: &below)
        rowsRead += 1
    }

    private func sharpen(_ row: inout MutableSpan<UInt8>) {
        let step = layout.format.bytesPerPixel
        let count = row.count
        for index in 0..<count {
            columns[index] = Int16(above[index]) &+ Int16(middle[index]) &+ Int16(below[index])
        }
        unsafe row.withUnsafeMutableBufferPointer { row in
            unsafe columns.withUnsafeBufferPointer { columns in
                guard let sums = columns.baseAddress, let bytes = UnsafeMutableRawPointer(row.baseAddress)
                else { return }
                var index = step
                let mask: SIMD8<Int16> =
                    layout.format == .rgba8 ? SIMD8(-1, -1, -1, 0, -1, -1, -1, 0) : SIMD8(repeating: -1)
                while index + 8 <= count - step {
                    let here = SIMD8<Int16>(
                        truncatingIfNeeded: unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD8<UInt8>.self))
                    let around =
                        unsafe WideRow.load(sums + index - step) &+ WideRow.load(sums + index)
                        &+ WideRow.load(sums + index + step)
                    let result = here &+ correction(here &* 9 &- around) & mask
                    unsafe bytes.storeBytes(
                        of: SIMD8<UInt8>(saturating: result), toByteOffset: index, as: SIMD8<UInt8>.self)
                    index += 8
                }
                while index < count - step {
                    let here = unsafe Int16(row[index])
                    let around = unsafe sums[index - step] + sums[index] + sums[index + step]
                    let result = here + correction(SIMD8(repeating: here * 9 - around))[0]
                    if step == 1 || index & 3 != 3 { unsafe row[index] = UInt8(clamping: result) }
                    index += 1
                }
            }
        }
    }

    @inline(__always)
    private func correction(_ difference: SIMD8<Int16>) -> SIMD8<Int16> {
        let ones = SIMD4<Int16>(repeating: 1)
        let weights = SIMD8<Int16>(factor, 16384, factor, 16384, factor, 16384, factor, 16384)
        let low = multiplyAdd(SIMD8(interleaving: difference.lowHalf, ones), weights)
        let high = multiplyAdd(SIMD8(interleaving: difference.highHalf, ones), weights)
        return SIMD8(saturating: low &>> 15, high &>> 15)
    }
}
