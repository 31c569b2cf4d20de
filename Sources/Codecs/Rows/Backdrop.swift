import Imaging

/// Makes rows opaque for formats without alpha: a colour shows through.
struct Backdrop {
    private let color: Color
    /// The last row that was laid over the colour; empty where rows are opaque already.
    private var opaqueRow: [UInt8]

    init(_ color: Color, behind layout: RowLayout) {
        self.color = color
        opaqueRow = layout.isOpaque ? [] : [UInt8](repeating: 0, count: layout.rowByteCount)
    }

    /// Lends the row laid over the colour: `alpha × row + (1 − alpha) × color`, rounded to the nearest.
    ///
    /// - Parameter row: RGBA with straight alpha, or any row where the layout is opaque.
    mutating func withOpaque(_ row: Span<UInt8>, _ body: (Span<UInt8>) throws -> Void) rethrows {
        guard !opaqueRow.isEmpty else { return try body(row) }
        lay(row)
        try body(opaqueRow.span)
    }

    private mutating func lay(_ row: Span<UInt8>) {
        let red = UInt32(color.red), green = UInt32(color.green), blue = UInt32(color.blue)
        var result = opaqueRow.mutableSpan
        var i = 0
        while i + 3 < row.count {
            let alpha = UInt32(row[i + 3])
            result[i] = Self.mix(UInt32(row[i]), red, alpha)
            result[i + 1] = Self.mix(UInt32(row[i + 1]), green, alpha)
            result[i + 2] = Self.mix(UInt32(row[i + 2]), blue, alpha)
            result[i + 3] = 255
            i += 4
        }
    }

    @inline(__always)
    private static func mix(_ above: UInt32, _ below: UInt32, _ alpha: UInt32) -> UInt8 {
        // x / 255 rounded, exact for x ≤ 255².
        let x = above * alpha + below * (255 - alpha) + 128
        return UInt8(truncatingIfNeeded: (x + x >> 8) >> 8)
    }
}
