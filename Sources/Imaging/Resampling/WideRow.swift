/// Samples between 8 bits in and 8 bits out: 16 bits each, a value times 64, colours multiplied by their alpha.
///
/// Six more bits keep two or four passes' rounding far below one level, and the sums of products within 32 bits. The room
/// above 255 × 64 holds what Lanczos overshoots.
enum WideRow {
    static let shift: Int16 = 6

    /// Rows are as long as this, so that the loops may read and write whole vectors beyond the last sample.
    static func paddedCount(_ count: Int) -> Int { (count + 15) / 16 * 16 + 16 }

    /// Brings rows of straight 8-bit samples to wide ones, pixels two by two: `r0 r1 g0 g1 b0 b1 a0 a1`, as
    /// ``HorizontalPass`` reads them.
    ///
    /// - Parameter wide: at least ``paddedCount(_:)`` samples; those beyond the row are left as they are.
    static func widen(_ row: [UInt8], _ layout: RowLayout, into wide: inout [Int16]) {
        precondition(row.count == layout.rowByteCount && wide.count >= paddedCount(row.count))
        unsafe row.withUnsafeBufferPointer { row in
            unsafe wide.withUnsafeMutableBufferPointer { wide in
                guard let source = row.baseAddress, let target = wide.baseAddress else { return }
                switch (layout.format.channels, layout.isOpaque) {
                case (.gray, _): unsafe widenGray(source, row.count, into: target)
                case (.rgba, true): unsafe widenOpaque(source, row.count, into: target)
                case (.rgba, false): unsafe widenPremultiplying(source, row.count, into: target)
                }
            }
        }
    }

    private static func widenGray(
        _ source: UnsafePointer<UInt8>, _ count: Int, into target: UnsafeMutablePointer<Int16>
    ) {
        var index = 0
        while index + 16 <= count {
            let v = unsafe UnsafeRawPointer(source + index).loadUnaligned(as: SIMD16<UInt8>.self)
            unsafe store(v.widenedLow &<< shift, to: target + index)
            unsafe store(v.widenedHigh &<< shift, to: target + index + 8)
            index += 16
        }
        while index < count {
            unsafe target[index] = Int16(source[index]) &<< shift
            index += 1
        }
    }

    private static func widenOpaque(
        _ source: UnsafePointer<UInt8>, _ count: Int, into target: UnsafeMutablePointer<Int16>
    ) {
        var index = 0
        while index + 16 <= count {
            let v = unsafe UnsafeRawPointer(source + index).loadUnaligned(as: SIMD16<UInt8>.self)
            unsafe store(paired(v.widenedLow) &<< shift, to: target + index)
            unsafe store(paired(v.widenedHigh) &<< shift, to: target + index + 8)
            index += 16
        }
        while index < count {
            unsafe target[pairedPlace(index)] = Int16(source[index]) &<< shift
            index += 1
        }
    }

    private static func widenPremultiplying(
        _ source: UnsafePointer<UInt8>, _ count: Int, into target: UnsafeMutablePointer<Int16>
    ) {
        var index = 0
        while index + 8 <= count {
            let v = unsafe UnsafeRawPointer(source + index).loadUnaligned(as: SIMD8<UInt8>.self)
            let values = SIMD8<UInt16>(truncatingIfNeeded: SIMD8(v[0], v[4], v[1], v[5], v[2], v[6], v[3], v[7]))
            let alphas = SIMD8<UInt16>(
                truncatingIfNeeded: SIMD8(v[3], v[7], v[3], v[7], v[3], v[7], 255, 255))
            unsafe store(premultiplied(values, by: alphas), to: target + index)
            index += 8
        }
        while index < count {
            let isAlpha = index & 3 == 3
            let factor = unsafe isAlpha ? 255 : UInt32(source[index | 3])
            unsafe target[pairedPlace(index)] = Int16(
                truncatingIfNeeded: (UInt32(source[index]) &* factor &* 16449) &>> 16)
            index += 1
        }
    }

    /// `value * alpha / 255 * 64`. 16449 is the least factor over 2¹⁶ · 64 / 255 with which an alpha of 255 changes nothing.
    @inline(__always)
    private static func premultiplied(_ values: SIMD8<UInt16>, by alphas: SIMD8<UInt16>) -> SIMD8<Int16> {
        let product = values &* alphas
        let low = (SIMD4<UInt32>(truncatingIfNeeded: product.lowHalf) &* 16449) &>> 16
        let high = (SIMD4<UInt32>(truncatingIfNeeded: product.highHalf) &* 16449) &>> 16
        return SIMD8<Int16>(
            lowHalf: SIMD4<Int16>(truncatingIfNeeded: low), highHalf: SIMD4<Int16>(truncatingIfNeeded: high))
    }

    /// Two pixels channel by channel.
    @inline(__always)
    private static func paired(_ pixels: SIMD8<Int16>) -> SIMD8<Int16> {
        SIMD8(zippingLow: pixels, SIMD8(lowHalf: pixels.highHalf, highHalf: pixels.highHalf))
    }

    /// Where sample `index` of an RGBA row lies once its pixels are paired.
    @inline(__always)
    static func pairedPlace(_ index: Int) -> Int { index & ~7 | (index & 3) << 1 | (index >> 2) & 1 }

    /// Brings a wide row of plain order back to straight 8-bit samples.
    static func narrow(_ wide: [Int16], _ layout: RowLayout, into row: inout MutableSpan<UInt8>) {
        precondition(row.count == layout.rowByteCount && wide.count >= paddedCount(row.count))
        unsafe row.withUnsafeMutableBufferPointer { row in
            unsafe wide.withUnsafeBufferPointer { wide in
                guard let target = row.baseAddress, let source = wide.baseAddress else { return }
                if layout.format == .rgba8, !layout.isOpaque {
                    unsafe narrowDividing(source, row.count, into: target)
                } else {
                    unsafe narrowPlainly(source, row.count, into: target)
                }
            }
        }
    }

    private static func narrowPlainly(
        _ source: UnsafePointer<Int16>, _ count: Int, into target: UnsafeMutablePointer<UInt8>
    ) {
        var index = 0
        while index + 16 <= count {
            let low = unsafe (load(source + index) &+ 32) &>> shift
            let high = unsafe (load(source + index + 8) &+ 32) &>> shift
            unsafe UnsafeMutableRawPointer(target + index).storeBytes(
                of: SIMD16<UInt8>(saturating: low, high), as: SIMD16<UInt8>.self)
            index += 16
        }
        while index < count {
            unsafe target[index] = UInt8(clamping: (source[index] &+ 32) &>> shift)
            index += 1
        }
    }

    private static func narrowDividing(
        _ source: UnsafePointer<Int16>, _ count: Int, into target: UnsafeMutablePointer<UInt8>
    ) {
        for index in stride(from: 0, to: count, by: 4) {
            let wide = unsafe UnsafeRawPointer(source + index).loadUnaligned(as: SIMD4<Int16>.self)
            let pixel = SIMD4<Int32>(truncatingIfNeeded: wide)
            let rounded = (pixel &+ 32) &>> 6
            var result = rounded
            // Most pixels of most pictures are wholly opaque or wholly transparent.
            if pixel[3] != 255 << 6, rounded[3] > 0 {
                // Adding 2²³ leaves the nearest whole number in the lowest bits.
                let colors = SIMD4<Float>(pixel) * (255 / Float(pixel[3])) + 8_388_608
                result = unsafe unsafeBitCast(colors, to: SIMD4<Int32>.self) &- 0x4B00_0000
                result[3] = rounded[3]
            } else if rounded[3] <= 0 {
                result = SIMD4()
            }
            let shorts = SIMD8<Int16>(saturating: result, result)
            let bytes = unsafe unsafeBitCast(SIMD16<UInt8>(saturating: shorts, shorts), to: SIMD4<UInt32>.self)
            unsafe UnsafeMutableRawPointer(target + index).storeBytes(of: bytes[0], as: UInt32.self)
        }
    }

    @inline(__always)
    static func load(_ pointer: UnsafePointer<Int16>) -> SIMD8<Int16> {
        unsafe UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Int16>.self)
    }

    @inline(__always)
    static func store(_ vector: SIMD8<Int16>, to pointer: UnsafeMutablePointer<Int16>) {
        unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD8<Int16>.self)
    }
}

extension WideRow {
    /// Brings a wide row of plain order to one of paired pixels.
    static func pair(_ plain: [Int16], _ layout: RowLayout, into wide: inout [Int16]) {
        let count = layout.rowByteCount
        precondition(plain.count >= paddedCount(count) && wide.count >= paddedCount(count))
        unsafe plain.withUnsafeBufferPointer { plain in
            unsafe wide.withUnsafeMutableBufferPointer { wide in
                guard let source = plain.baseAddress, let target = wide.baseAddress else { return }
                for index in stride(from: 0, to: count, by: 8) {
                    let v = unsafe load(source + index)
                    unsafe store(layout.format == .rgba8 ? paired(v) : v, to: target + index)
                }
            }
        }
    }
}
