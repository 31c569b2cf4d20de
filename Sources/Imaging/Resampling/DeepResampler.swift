/// What ``Resampler`` is, for deep rows and in floating point: rows are mixed horizontally into a ring, and the ring's rows
/// vertically into a row of the result. Colours are mixed in proportion to their alpha.
final class DeepResampler: RowSource {
    /// Where rows come from: as samples, or from another resampler at its full precision.
    enum Input {
        case samples(any RowSource)
        case floats(DeepResampler)
    }

    let layout: RowLayout
    private let input: Input
    private let inputLayout: RowLayout
    private let columns: FineTable
    private let rows: FineTable

    private var rowsRead = 0
    private var rowsMade = 0

    private var bytes: [UInt8]
    /// A row of the input.
    private var wide: [Float]
    /// Row `y` of the input, mixed horizontally, stands at `y % ringRowCount * stride`.
    private var ring: [Float]
    private let ringRowCount: Int
    /// Samples of a row of the result, rounded up to whole vectors.
    private let stride: Int
    private var result: [Float]

    convenience init(_ input: Input, columns: Axis, rows: Axis) {
        self.init(input, columns: FineTable(columns), rows: FineTable(rows))
    }

    init(_ input: Input, columns: FineTable, rows: FineTable) {
        self.input = input
        inputLayout =
            switch input {
            case .samples(let source): source.layout
            case .floats(let source): source.layout
            }
        layout = RowLayout(
            size: Size(width: columns.count, height: rows.count), format: inputLayout.format,
            isOpaque: inputLayout.isOpaque)
        self.columns = columns
        self.rows = rows
        let (inputCount, outputCount) = (FloatRow.sampleCount(inputLayout), FloatRow.sampleCount(layout))
        stride = (outputCount + 7) / 8 * 8
        var (read, held) = (0, 1)
        for output in 0..<rows.count {
            read = max(read, rows.taps(of: output).upperBound)
            held = max(held, read - rows.starts[output])
        }
        ringRowCount = held
        bytes = [UInt8](repeating: 0, count: inputLayout.rowByteCount)
        wide = [Float](repeating: 0, count: inputCount)
        ring = [Float](repeating: 0, count: held * stride)
        result = [Float](repeating: 0, count: stride)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try mixRow()
        FloatRow.narrow(result, layout, into: &row)
    }

    /// Makes the next row in ``result``.
    private func mixRow() throws {
        let taps = rows.taps(of: rowsMade)
        while rowsRead < taps.upperBound {
            try readSource()
            // What no output needs is not mixed.
            if rowsRead >= rows.starts[0] { mixHorizontally(to: rowsRead % ringRowCount * stride) }
            rowsRead += 1
        }
        mixVertically(taps)
        rowsMade += 1
    }

    private func readSource() throws {
        switch input {
        case .samples(let source):
            try source.readRow(into: &bytes)
            FloatRow.widen(bytes, inputLayout, into: &wide)
        case .floats(let source):
            try source.mixRow()
            wide.replaceSubrange(0..<wide.count, with: source.result[..<wide.count])
        }
    }

    private func mixHorizontally(to place: Int) {
        unsafe wide.withUnsafeBufferPointer { wide in
            unsafe ring.withUnsafeMutableBufferPointer { ring in
                guard let source = wide.baseAddress, let ring = ring.baseAddress else { return }
                switch inputLayout.format.channels {
                case .gray: unsafe mixSamples(source, into: ring + place)
                case .rgba: unsafe mixPixels(source, into: ring + place)
                }
            }
        }
    }

    private func mixSamples(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        unsafe columns.weights.withUnsafeBufferPointer { weights in
            for output in 0..<columns.count {
                var sum: Float = 0
                let start = columns.starts[output] &- columns.offsets[output]
                for tap in columns.offsets[output]..<columns.offsets[output + 1] {
                    unsafe sum += source[start &+ tap] * weights[tap]
                }
                unsafe target[output] = sum
            }
        }
    }

    private func mixPixels(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        unsafe columns.weights.withUnsafeBufferPointer { weights in
            for output in 0..<columns.count {
                var sum = SIMD4<Float>()
                var place = unsafe source + columns.starts[output] &* 4
                for tap in columns.offsets[output]..<columns.offsets[output + 1] {
                    unsafe sum += UnsafeRawPointer(place).loadUnaligned(as: SIMD4<Float>.self) * weights[tap]
                    unsafe place += 4
                }
                unsafe UnsafeMutableRawPointer(target + output &* 4).storeBytes(of: sum, as: SIMD4<Float>.self)
            }
        }
    }

    private func mixVertically(_ taps: Range<Int>) {
        let firstWeight = rows.offsets[rowsMade]
        let places = taps.map { $0 % ringRowCount * stride }
        unsafe result.withUnsafeMutableBytes { result in
            unsafe ring.withUnsafeBufferPointer { ring in
                guard let ring = ring.baseAddress else { return }
                for index in Swift.stride(from: 0, to: stride, by: 8) {
                    var sum = SIMD8<Float>()
                    for (tap, place) in places.enumerated() {
                        let samples = unsafe UnsafeRawPointer(ring + (place &+ index))
                            .loadUnaligned(as: SIMD8<Float>.self)
                        sum += samples * rows.weights[firstWeight &+ tap]
                    }
                    unsafe result.storeBytes(of: sum, toByteOffset: index &* 4, as: SIMD8<Float>.self)
                }
            }
        }
    }
}

/// Deep rows in floating point: levels of 0…65535, colours multiplied by their alpha.
enum FloatRow {
    static func sampleCount(_ layout: RowLayout) -> Int { layout.rowByteCount / 2 }

    static func widen(_ row: [UInt8], _ layout: RowLayout, into wide: inout [Float]) {
        precondition(row.count == layout.rowByteCount && wide.count == sampleCount(layout))
        unsafe row.withUnsafeBytes { row in
            unsafe wide.withUnsafeMutableBytes { wide in
                switch layout.format.channels {
                case .gray:
                    for x in 0..<layout.size.width {
                        let level = unsafe row.loadUnaligned(fromByteOffset: x &* 2, as: UInt16.self)
                        unsafe wide.storeBytes(of: Float(level), toByteOffset: x &* 4, as: Float.self)
                    }
                case .rgba:
                    for x in 0..<layout.size.width {
                        let samples = unsafe row.loadUnaligned(fromByteOffset: x &* 8, as: SIMD4<UInt16>.self)
                        var pixel = SIMD4<Float>(samples: samples)
                        if samples[3] != .max {
                            let alpha = pixel[3]
                            pixel *= alpha / 65_535
                            pixel[3] = alpha
                        }
                        unsafe wide.storeBytes(of: pixel, toByteOffset: x &* 16, as: SIMD4<Float>.self)
                    }
                }
            }
        }
    }

    /// - Parameter wide: the row's samples at least.
    static func narrow(_ wide: [Float], _ layout: RowLayout, into row: inout MutableSpan<UInt8>) {
        precondition(row.count == layout.rowByteCount && wide.count >= sampleCount(layout))
        unsafe row.withUnsafeMutableBytes { row in
            unsafe wide.withUnsafeBytes { wide in
                switch layout.format.channels {
                case .gray:
                    for x in 0..<layout.size.width {
                        let level = unsafe wide.loadUnaligned(fromByteOffset: x &* 4, as: Float.self)
                        unsafe row.storeBytes(of: UInt16(nearest: level), toByteOffset: x &* 2, as: UInt16.self)
                    }
                case .rgba:
                    for x in 0..<layout.size.width {
                        let pixel = unsafe wide.loadUnaligned(fromByteOffset: x &* 16, as: SIMD4<Float>.self)
                        unsafe row.storeBytes(
                            of: straight(pixel, isOpaque: layout.isOpaque), toByteOffset: x &* 8,
                            as: SIMD4<UInt16>.self)
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func straight(_ pixel: SIMD4<Float>, isOpaque: Bool) -> SIMD4<UInt16> {
        let alpha = pixel.nearestSamples[3]
        if isOpaque || alpha == .max && pixel[3] < 65_535.5 { return pixel.nearestSamples }
        guard alpha > 0 else { return SIMD4() }
        var result = (pixel * (65_535 / pixel[3])).nearestSamples
        result[3] = alpha
        return result
    }
}
