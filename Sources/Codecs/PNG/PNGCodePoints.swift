/// The chunk cICP (PNG, third edition, section 11.3.2.6): colours by the code points of ITU-T H.273.
enum PNGCodePoints {
    /// - Returns: `nil` where the chunk is not there before the pixels, or says what is not read: the curves of high dynamic range
    ///   (16 and 18), other primaries than those of sRGB, BT.2020 and P3, or numbers that are not RGB of the full range.
    static func primaries(in bytes: Span<UInt8>) -> ColorProfile.Primaries? {
        var chunks = PNGChunks()
        while let (name, content) = chunks.next(in: bytes), !bytes.starts(with: "IDAT", at: name) {
            guard bytes.starts(with: "cICP", at: name), content.count == 4 else { continue }
            return primaries(bytes.extracting(content))
        }
        return nil
    }

    /// - Parameter content: primaries, transfer function, matrix, and whether the range is full.
    private static func primaries(_ content: Span<UInt8>) -> ColorProfile.Primaries? {
        guard content[2] == 0, content[3] == 1, let curve = curve(content[1]) else { return nil }
        var primaries = ColorProfile.Primaries(curve)
        switch content[0] {
        case 1: break
        case 9:
            (primaries.red, primaries.green) = (.init(x: 0.708, y: 0.292), .init(x: 0.170, y: 0.797))
            primaries.blue = .init(x: 0.131, y: 0.046)
        case 12: (primaries.red, primaries.green) = (.init(x: 0.680, y: 0.320), .init(x: 0.265, y: 0.690))
        default: return nil
        }
        return primaries
    }

    /// H.273, table 3.
    private static func curve(_ code: UInt8) -> ColorProfile.Curve? {
        switch code {
        case 1, 6, 14, 15: .bt709
        case 4: .power(2.2)
        case 5: .power(2.8)
        case 8: .power(1)
        case 13: .sRGB
        default: nil
        }
    }
}
