/// A source whose pixels are moved away from the mean of their surroundings.
///
/// The mean is that of the 3×3 kernel 1 1 1 / 1 5 1 / 1 1 1 over 13. `smooth + (original - smooth) × intensity` is worked
/// out in one go and rounded once, to nearest. Pixels at the border, and alpha, stay as they are.
final class SharpenedRows: RowSource {
    private let source: any RowSource
    /// `(intensity - 1) / 13` over 2¹⁵: what the difference of 8 × the pixel and its eight neighbours counts.
    private let factor: Int16
    /// The same for deep rows.
    private let deepFactor: Float
    private var above: [UInt8]
    private var middle: [UInt8]
    private var below: [UInt8]
    /// The sums of the three rows in a strip, byte by byte.
    private var columns: [Int16]
    /// So few that they stay in the nearest cache; a multiple of 16.
    private static let stripByteCount = 2048
    private var rowsRead = 0
    private var rowsMade = 0

    var layout: RowLayout { source.layout }

    init(_ source: any RowSource, intensity: Double) {
        self.source = source
        factor = Int16(((intensity - 1) / 13 * 32768).rounded())
        deepFactor = Float((intensity - 1) / 13)
        above = [UInt8](repeating: 0, count: source.layout.rowByteCount)
        middle = above
        below = above
        columns = [Int16](repeating: 0, count: source.layout.format.isDeep ? 0 : Self.stripByteCount + 8)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        if rowsRead == 0 { try readBelow() }
        swap(&above, &middle)
        swap(&middle, &below)
        if rowsRead < layout.size.height { try readBelow() }
        let isBorder = rowsMade == 0 || rowsMade == layout.size.height - 1 || layout.size.width < 3
        if isBorder { row.copy(middle[...]) } else { sharpen(&row) }
        rowsMade += 1
    }

    private func readBelow() throws {
        try source.readRow(into: &below)
        rowsRead += 1
    }

    private func sharpen(_ row: inout MutableSpan<UInt8>) {
        if layout.format.isDeep { return sharpenDeep(&row) }
        let step = layout.format.bytesPerPixel
        row.copy(middle[..<step])
        row.copy(middle.suffix(step), at: row.count - step)
        unsafe above.withUnsafeBytes { above in
            unsafe middle.withUnsafeBytes { middle in
                unsafe below.withUnsafeBytes { below in
                    unsafe columns.withUnsafeMutableBufferPointer { columns in
                        unsafe row.withUnsafeMutableBytes { row in
                            for start in stride(from: step, to: row.count - step, by: Self.stripByteCount) {
                                let strip = start..<min(start + Self.stripByteCount, row.count - step)
                                let wider = strip.lowerBound - step..<strip.upperBound + step
                                unsafe Self.add(above, middle, below, wider, into: columns)
                                unsafe Self.sharpen(
                                    middle, into: row, strip, UnsafeBufferPointer(columns), step: step, factor: factor)
                            }
                        }
                    }
                }
            }
        }
    }

    private func sharpenDeep(_ row: inout MutableSpan<UInt8>) {
        row.copy(middle[...])
        let step = layout.format.channels == .gray ? 1 : 4
        let factor = deepFactor
        unsafe above.withUnsafeBytes { above in
            unsafe middle.withUnsafeBytes { middle in
                unsafe below.withUnsafeBytes { below in
                    /// The sum of a sample, the one above it and the one below.
                    func column(_ index: Int) -> Int32 {
                        let place = index &* 2
                        return unsafe Int32(above.loadUnaligned(fromByteOffset: place, as: UInt16.self))
                            &+ Int32(middle.loadUnaligned(fromByteOffset: place, as: UInt16.self))
                            &+ Int32(below.loadUnaligned(fromByteOffset: place, as: UInt16.self))
                    }
                    row.withSamples(of: UInt16.self) { row in
                        for index in stride(from: step, to: row.count - step, by: 1) where step == 1 || index & 3 != 3 {
                            let here = Int32(row[index])
                            let around = column(index - step) + column(index) + column(index + step)
                            row[index] = UInt16(nearest: Float(here) + Float(9 * here - around) * factor)
                        }
                    }
                }
            }
        }
    }

    /// Puts the sums of three rows' bytes of a range to the start of `sums`.
    private static func add(
        _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ c: UnsafeRawBufferPointer, _ range: Range<Int>,
        into sums: UnsafeMutableBufferPointer<Int16>
    ) {
        guard let target = unsafe sums.baseAddress.map({ unsafe $0 - range.lowerBound }) else { return }
        var index = range.lowerBound
        while index + 16 <= range.upperBound {
            let x = unsafe a.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            let y = unsafe b.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            let z = unsafe c.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            unsafe WideRow.store(x.widenedLow &+ y.widenedLow &+ z.widenedLow, to: target + index)
            unsafe WideRow.store(x.widenedHigh &+ y.widenedHigh &+ z.widenedHigh, to: target + index + 8)
            index += 16
        }
        for index in index..<range.upperBound {
            unsafe target[index] = Int16(a[index]) + Int16(b[index]) + Int16(c[index])
        }
    }

    /// - Parameters:
    ///   - range: of the bytes that are sharpened.
    ///   - sums: of each of these bytes, the one above it and the one below; and of as many before and after as `step` says.
    ///   - step: bytes from a pixel to its neighbour.
    private static func sharpen(
        _ source: UnsafeRawBufferPointer, into row: UnsafeMutableRawBufferPointer, _ range: Range<Int>,
        _ sums: UnsafeBufferPointer<Int16>, step: Int, factor: Int16
    ) {
        guard let sum = unsafe sums.baseAddress.map({ unsafe $0 - (range.lowerBound - step) }) else { return }
        let keptAlpha: SIMD8<Int16> =
            step == 4 ? SIMD8(-1, -1, -1, 0, -1, -1, -1, 0) : SIMD8(repeating: -1)
        var index = range.lowerBound
        while index + 16 <= range.upperBound {
            let here = unsafe source.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            let place = unsafe sum + index
            let (low, high) = (here.widenedLow, here.widenedHigh)
            let lowCorrection = unsafe correction(low &* 9 &- around(place, step), factor) & keptAlpha
            let highCorrection = unsafe correction(high &* 9 &- around(place + 8, step), factor) & keptAlpha
            unsafe row.storeBytes(
                of: SIMD16<UInt8>(saturating: low &+ lowCorrection, high &+ highCorrection), toByteOffset: index,
                as: SIMD16<UInt8>.self)
            index += 16
        }
        while index < range.upperBound {
            let here = unsafe Int16(source[index])
            let around = unsafe sum[index - step] + sum[index] + sum[index + step]
            unsafe row[index] =
                step == 4 && index & 3 == 3
                ? source[index]
                : UInt8(clamping: here + correction(SIMD8(repeating: here * 9 - around), factor)[0])
            index += 1
        }
    }

    @inline(__always)
    private static func around(_ place: UnsafePointer<Int16>, _ step: Int) -> SIMD8<Int16> {
        unsafe WideRow.load(place - step) &+ WideRow.load(place) &+ WideRow.load(place + step)
    }

    /// `difference * factor`, rounded to nearest.
    @inline(__always)
    private static func correction(_ difference: SIMD8<Int16>, _ factor: Int16) -> SIMD8<Int16> {
        let ones = SIMD8<Int16>(repeating: 1)
        let weights = SIMD8<Int16>(factor, 16384, factor, 16384, factor, 16384, factor, 16384)
        return SIMD8(
            saturating: multiplyAdd(SIMD8(zippingLow: difference, ones), weights) &>> 15,
            multiplyAdd(SIMD8(zippingHigh: difference, ones), weights) &>> 15)
    }
}
