/// A source with a second picture over it.
///
/// "Over" of T. Porter and T. Duff, "Compositing Digital Images", SIGGRAPH 1984, for straight alpha: where the second
/// picture covers α of a pixel, and the source β, the result covers γ = α + β (1 - α), and its colour is the second's by
/// α / γ and the source's by β (1 - α) / γ.
final class OverlaidRows: RowSource {
    let layout: RowLayout
    private let source: any RowSource
    private let second: SecondPicture
    private let opacity: Float
    private let columns: [Repetition.Run]
    private let rows: Repetition
    private var rowsMade = 0
    /// The second picture's, from the first row on that it lies on.
    private var pixels: [UInt8]?

    /// - Parameters:
    ///   - opacity: multiplies the second picture's alpha, 0…1.
    ///   - columns: where the second picture lies, left to right.
    ///   - rows: the same from the top.
    init(
        _ source: any RowSource, _ second: SecondPicture, opacity: Double, columns: Repetition, rows: Repetition
    ) {
        self.source = source.layout.format == .gray8 && !second.isGray ? ColorRows(source) : source
        layout = self.source.layout
        self.second = second
        self.opacity = Float(opacity)
        self.columns = columns.runs(within: layout.size.width)
        self.rows = rows
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws {
        try source.readRow(into: &row)
        defer { rowsMade += 1 }
        guard let line = rows.index(at: rowsMade) else { return }
        let pixels = try self.pixels ?? second.pixels()
        self.pixels = pixels
        let (isGray, opacity) = (layout.format == .gray8, opacity)
        for run in columns {
            let above = pixels.span.extracting(droppingFirst: (line * second.size.width + run.begin) * 4)
            if isGray {
                for index in 0..<run.count {
                    let x = run.place + index
                    row[x] = Self.laid(above.pixel(at: index), overGray: row[x], opacity)
                }
            } else {
                for index in 0..<run.count {
                    let pixel = above.pixel(at: index)
                    // Most of a mark, often.
                    if pixel >> 24 == 0 { continue }
                    let x = run.place + index
                    row.setPixel(Self.laid(pixel, over: row.pixel(at: x), opacity), at: x)
                }
            }
        }
    }

    @inline(__always)
    private static func laid(_ over: UInt32, over under: UInt32, _ opacity: Float) -> UInt32 {
        let (above, below) = (SIMD4<Float>(bytesOf: over), SIMD4<Float>(bytesOf: under))
        let alpha = above[3] * opacity / 255
        let rest = below[3] / 255 * (1 - alpha)
        let covered = alpha + rest
        // Under an opacity of 0.
        guard covered > 0 else { return under }
        var mixed = above * (alpha / covered) + below * (rest / covered)
        mixed[3] = covered * 255
        return mixed.roundedBytes
    }

    @inline(__always)
    private static func laid(_ over: UInt32, overGray under: UInt8, _ opacity: Float) -> UInt8 {
        let alpha = Float(over >> 24) * opacity / 255
        return UInt8(Float(over & 0xFF) * alpha + Float(under) * (1 - alpha) + 0.5)
    }
}

/// Where something lies along a line of pixels, once or again and again.
struct Repetition {
    /// In pixels.
    let length: Int
    /// Where it begins: 0 or more.
    let origin: Int
    /// From the begin of one to that of the next, before and after the first; `nil` where there is one.
    let period: Int?

    /// A part of it that lies within a picture.
    struct Run {
        /// Its first pixel in the picture.
        let place: Int
        /// The same in the thing itself.
        let begin: Int
        let count: Int
    }

    /// Which of its pixels lies at a place; `nil` where none does.
    func index(at place: Int) -> Int? {
        var offset = place - origin
        if let period { offset = (offset % period + period) % period }
        return (0..<length).contains(offset) ? offset : nil
    }

    /// All of it that lies at the places from 0 up to `limit`.
    func runs(within limit: Int) -> [Run] {
        let places = period.map { Array(stride(from: origin % $0 - $0, to: limit, by: $0)) } ?? [origin]
        return places.compactMap { place in
            let (begin, end) = (max(0, place), min(limit, place + length))
            return begin < end ? Run(place: begin, begin: begin - place, count: end - begin) : nil
        }
    }
}

extension SIMD4<Float> {
    /// The bytes of an RGBA pixel, red lowest.
    @inline(__always)
    fileprivate init(bytesOf pixel: UInt32) {
        self.init(
            samples: SIMD4<UInt16>(truncatingIfNeeded: unsafe unsafeBitCast(pixel.littleEndian, to: SIMD4<UInt8>.self)))
    }

    /// The pixel that these bytes make, rounded and held within 0…255.
    @inline(__always)
    fileprivate var roundedBytes: UInt32 {
        UInt32(littleEndian: unsafe unsafeBitCast(SIMD4<UInt8>(truncatingIfNeeded: nearestSamples), to: UInt32.self))
    }
}
