/// Each colour of a pixel as a weighted sum of its three, plus a constant; alpha stays.
///
/// The arithmetic of the colour functions of the W3C's Filter Effects Module Level 1, on sRGB values and in fixed point:
/// within one level of 255 of the exact result, rounded to nearest. Deep rows take floating point, and are within one of
/// 65535.
struct ColorMatrix: Sendable, Hashable {
    /// For red, green and blue of the result: the factors of red, green and blue, then what is added, 1 being white.
    private let rows: [[Double]]
    private let shift: Int32
    private let factors: [(redBlue: SIMD8<Int16>, greenAlpha: SIMD8<Int16>, sum: Int32)]
    /// What a gray pixel becomes, where the result is gray as well.
    private let grays: [UInt8]

    /// - Parameter rows: three rows of four numbers between -16 and 16.
    init(_ rows: [[Double]]) {
        precondition(rows.count == 3 && rows.allSatisfy { $0.count == 4 })
        self.rows = rows
        let largest = rows.flatMap { $0.prefix(3) }.map(abs).max() ?? 0
        // As many bits behind the point as 16 bits can take.
        let shift = (10...14).last { (largest * Double(1 << $0)).rounded() <= 32767 } ?? 10
        self.shift = Int32(shift)
        factors = rows.map { row in
            let unit = Double(1 << shift)
            func fixed(_ factor: Double) -> Int16 { Int16(clamping: Int((factor * unit).rounded())) }
            let (red, green, blue) = (fixed(row[0]), fixed(row[1]), fixed(row[2]))
            return (
                SIMD8(red, blue, red, blue, red, blue, red, blue), SIMD8(green, 0, green, 0, green, 0, green, 0),
                Int32((row[3] * 255 * unit).rounded()) + 1 << Int32(shift - 1)
            )
        }
        grays = (0...255).map { gray in
            let value = Double(gray) * (rows[0][0] + rows[0][1] + rows[0][2]) + rows[0][3] * 255
            return UInt8(min(max(value.rounded(), 0), 255))
        }
    }

    static func == (a: ColorMatrix, b: ColorMatrix) -> Bool { a.rows == b.rows }
    func hash(into hasher: inout Hasher) { hasher.combine(rows) }

    func apply(to row: inout MutableSpan<UInt8>, format: PixelFormat) {
        switch format {
        case .gray8: for x in row.indices { row[x] = grays[Int(row[x])] }
        case .rgba8: applyToPixels(&row)
        case .gray16: applyToDeepGray(&row)
        case .rgba16: applyToDeepPixels(&row)
        }
    }

    private func applyToDeepGray(_ row: inout MutableSpan<UInt8>) {
        let (factor, sum) = (Float(rows[0][0] + rows[0][1] + rows[0][2]), Float(rows[0][3] * 65_535))
        row.withSamples(of: UInt16.self) { row in
            for x in row.indices { row[x] = UInt16(nearest: Float(row[x]) * factor + sum) }
        }
    }

    private func applyToDeepPixels(_ row: inout MutableSpan<UInt8>) {
        /// What each of red, green and blue adds to all three.
        let (red, green, blue) = (deepColumn(0), deepColumn(1), deepColumn(2))
        let sum = deepColumn(3) * 65_535
        unsafe row.withUnsafeMutableBytes { row in
            for place in stride(from: 0, to: row.count, by: 8) {
                let samples = unsafe row.loadUnaligned(fromByteOffset: place, as: SIMD4<UInt16>.self)
                let pixel = SIMD4<Float>(samples: samples)
                var result = (red * pixel[0] + green * pixel[1] + blue * pixel[2] + sum).nearestSamples
                result[3] = samples[3]
                unsafe row.storeBytes(of: result, toByteOffset: place, as: SIMD4<UInt16>.self)
            }
        }
    }

    private func deepColumn(_ index: Int) -> SIMD4<Float> {
        SIMD4(Float(rows[0][index]), Float(rows[1][index]), Float(rows[2][index]), 0)
    }

    private func applyToPixels(_ row: inout MutableSpan<UInt8>) {
        let (red, green, blue) = (factors[0], factors[1], factors[2])
        let count = row.count
        unsafe row.withUnsafeMutableBytes { row in
            guard let bytes = row.baseAddress else { return }
            let whole = count & ~15
            for place in stride(from: 0, to: whole, by: 16) {
                let pixels = unsafe bytes.loadUnaligned(fromByteOffset: place, as: SIMD4<UInt32>.self)
                unsafe bytes.storeBytes(
                    of: mixed(pixels, red, green, blue), toByteOffset: place, as: SIMD4<UInt32>.self)
            }
            for place in stride(from: whole, to: count, by: 4) {
                let pixel = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                let result = mixed(SIMD4(repeating: pixel), red, green, blue)
                unsafe bytes.storeBytes(of: result[0], toByteOffset: place, as: UInt32.self)
            }
        }
    }

    @inline(__always)
    private func mixed(
        _ pixels: SIMD4<UInt32>,
        _ red: (redBlue: SIMD8<Int16>, greenAlpha: SIMD8<Int16>, sum: Int32),
        _ green: (redBlue: SIMD8<Int16>, greenAlpha: SIMD8<Int16>, sum: Int32),
        _ blue: (redBlue: SIMD8<Int16>, greenAlpha: SIMD8<Int16>, sum: Int32)
    ) -> SIMD4<UInt32> {
        let redBlue = unsafe unsafeBitCast(pixels & 0x00FF_00FF, to: SIMD8<Int16>.self)
        let greenAlpha = unsafe unsafeBitCast(pixels &>> 8 & 0x00FF_00FF, to: SIMD8<Int16>.self)
        let reds = multiplyAdd(redBlue, red.redBlue) &+ multiplyAdd(greenAlpha, red.greenAlpha) &+ red.sum
        let greens = multiplyAdd(redBlue, green.redBlue) &+ multiplyAdd(greenAlpha, green.greenAlpha) &+ green.sum
        let blues = multiplyAdd(redBlue, blue.redBlue) &+ multiplyAdd(greenAlpha, blue.greenAlpha) &+ blue.sum
        let alphas = unsafe unsafeBitCast(pixels &>> 24, to: SIMD4<Int32>.self)
        let low = SIMD8<Int16>(saturating: reds &>> shift, greens &>> shift)
        let high = SIMD8<Int16>(saturating: blues &>> shift, alphas)
        let planes = SIMD16<UInt8>(saturating: low, high)
        let interleaved = SIMD16(
            planes[0], planes[4], planes[8], planes[12], planes[1], planes[5], planes[9], planes[13],
            planes[2], planes[6], planes[10], planes[14], planes[3], planes[7], planes[11], planes[15])
        return unsafe unsafeBitCast(interleaved, to: SIMD4<UInt32>.self)
    }
}
