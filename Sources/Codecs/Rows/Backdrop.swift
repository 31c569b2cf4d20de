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
        let redAndBlue = UInt32(color.red) | UInt32(color.blue) << 16, green = UInt32(color.green)
        unsafe opaqueRow.withUnsafeMutableBytes { result in
            unsafe row.withUnsafeBytes { row in
                for i in stride(from: 0, to: row.count, by: 4) {
                    let above = unsafe UInt32(littleEndian: row.load(fromByteOffset: i, as: UInt32.self))
                    let mixed = Self.mix(above, redAndBlue: redAndBlue, green: green)
                    unsafe result.storeBytes(of: mixed.littleEndian, toByteOffset: i, as: UInt32.self)
                }
            }
        }
    }

    /// Red and blue are mixed at once, 16 bits each: x / 255 rounded is (x + 128 + (x + 128) / 256) / 256, exact for x ≤ 255².
    @inline(__always)
    private static func mix(_ above: UInt32, redAndBlue: UInt32, green: UInt32) -> UInt32 {
        let alpha = above >> 24, rest = 255 - alpha
        let outer = (above & 0xFF_00FF) &* alpha &+ redAndBlue &* rest &+ 0x80_0080
        let inner = (above >> 8 & 0xFF) &* alpha &+ green &* rest &+ 0x80
        let mixedOuter = (outer &+ (outer >> 8 & 0xFF_00FF)) >> 8 & 0xFF_00FF
        let mixedInner = (inner &+ inner >> 8) & 0xFF00
        return mixedOuter | mixedInner | 0xFF00_0000
    }
}
