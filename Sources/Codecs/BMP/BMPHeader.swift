import Imaging

/// What precedes the pixels of a bitmap, in any version: OS/2's core header (12 bytes), Windows' of 40 bytes and its
/// extensions to 52, 56, 108 (version 4) and 124 bytes (version 5), and OS/2's of 16 and 64 bytes.
struct BMPHeader {
    enum Compression: UInt32 {
        case none = 0
        case runLength8 = 1
        case runLength4 = 2
        case bitFields = 3
        case alphaBitFields = 6

        var isRunLength: Bool { self == .runLength8 || self == .runLength4 }
    }

    let size: Size
    /// Whether the first row of the file is the top one.
    let isTopDown: Bool
    /// 1, 2, 4, 8, 16, 24 or 32.
    let bitsPerPixel: Int
    let compression: Compression
    /// Where the channels lie in pixels of 16 and 32 bits.
    let masks: BMPMasks
    /// Colours of pixels of up to 8 bits, in sRGB: red, green, blue. It may be shorter than 2 to the power of the bits.
    let palette: [Color]
    /// Where the first row lies in the file.
    let pixelOffset: Int

    var hasAlpha: Bool { masks.alpha.maximum > 0 }

    var isGray: Bool {
        bitsPerPixel <= 8 && palette.allSatisfy { $0.red == $0.green && $0.green == $0.blue }
    }

    /// Bytes of one row in the file, padded to a multiple of four.
    var stride: Int { (size.width * bitsPerPixel + 31) / 32 * 4 }

    /// The same without the padding.
    var packedRowByteCount: Int { (size.width * bitsPerPixel + 7) / 8 }

    /// Reads the header and the palette.
    ///
    /// - Parameter bytes: the whole file.
    init(_ bytes: Span<UInt8>) throws(DecodeError) {
        let headerSize = Int(try Self.uint32(bytes, 14))
        let isCore = headerSize == 12
        guard [12, 16, 40, 52, 56, 64, 108, 124].contains(headerSize) else {
            throw .unsupported(.bmp, reason: "a header of \(headerSize) bytes")
        }
        let width, height: Int
        if isCore {
            width = Int(try Self.uint16(bytes, 18))
            height = Int(try Self.uint16(bytes, 20))
        } else {
            width = Int(Int32(bitPattern: try Self.uint32(bytes, 18)))
            height = Int(Int32(bitPattern: try Self.uint32(bytes, 22)))
        }
        guard width > 0, height != 0, abs(height) <= Int32.max else {
            throw .malformed(.bmp, reason: "\(width) × \(height) pixels")
        }
        size = Size(width: width, height: abs(height))
        isTopDown = height < 0
        bitsPerPixel = Int(try Self.uint16(bytes, isCore ? 24 : 28))
        compression = try Self.compression(bytes, headerSize, bitsPerPixel)
        guard !compression.isRunLength || !isTopDown else {
            throw .malformed(.bmp, reason: "run lengths from the top down")
        }

        // A header of 40 bytes is followed by its masks; in longer ones they are a part of it.
        var end = 14 + headerSize
        if headerSize == 40, compression == .bitFields || compression == .alphaBitFields {
            end += compression == .alphaBitFields ? 16 : 12
        }
        if compression == .bitFields || compression == .alphaBitFields {
            let hasAlpha = headerSize >= 56 || compression == .alphaBitFields
            masks = BMPMasks(
                red: try Self.uint32(bytes, 54), green: try Self.uint32(bytes, 58), blue: try Self.uint32(bytes, 62),
                alpha: hasAlpha ? try Self.uint32(bytes, 66) : 0)
        } else {
            masks = bitsPerPixel == 16 ? .rgb555 : .rgb888
        }

        let declaredOffset = Int(try Self.uint32(bytes, 10))
        guard declaredOffset <= bytes.count else { throw .truncated }
        var entryCount = 0
        if bitsPerPixel <= 8 {
            entryCount = 1 << bitsPerPixel
            if headerSize >= 40, case let used = Int(try Self.uint32(bytes, 46)), used > 0 {
                entryCount = min(entryCount, used)
            }
        }
        let entrySize = isCore ? 3 : 4
        // Writers disagree whether the palette must be whole, so it ends where the pixels begin at the latest.
        let limit = declaredOffset >= end ? declaredOffset : bytes.count
        entryCount = min(entryCount, (limit - min(end, limit)) / entrySize)
        var palette = (0..<entryCount).map { entry in
            let offset = end + entry * entrySize
            return Color(red: bytes[offset + 2], green: bytes[offset + 1], blue: bytes[offset])
        }
        if !palette.isEmpty { BMPProfile.transform(in: bytes)?.apply(to: &palette) }
        self.palette = palette
        pixelOffset = declaredOffset >= end ? declaredOffset : end + entryCount * entrySize
        if bitsPerPixel <= 8, palette.isEmpty { throw .malformed(.bmp, reason: "no palette") }
    }

    private static func compression(
        _ bytes: Span<UInt8>, _ headerSize: Int, _ bitsPerPixel: Int
    ) throws(DecodeError) -> Compression {
        let code = headerSize >= 40 ? try uint32(bytes, 30) : 0
        // OS/2 gives 3 and 4 another meaning.
        guard let compression = Compression(rawValue: code), headerSize != 64 || code <= 2 else {
            throw .unsupported(.bmp, reason: "compression \(code)")
        }
        let fits: Bool =
            switch compression {
            case .none: [1, 2, 4, 8, 16, 24, 32].contains(bitsPerPixel)
            case .runLength8: bitsPerPixel == 8
            case .runLength4: bitsPerPixel == 4
            case .bitFields, .alphaBitFields: bitsPerPixel == 16 || bitsPerPixel == 32
            }
        guard fits else { throw .malformed(.bmp, reason: "\(bitsPerPixel) bits with compression \(code)") }
        return compression
    }

    private static func uint16(_ bytes: Span<UInt8>, _ offset: Int) throws(DecodeError) -> UInt16 {
        guard let value = bytes.uint16(at: offset, .littleEndian) else { throw .truncated }
        return value
    }

    private static func uint32(_ bytes: Span<UInt8>, _ offset: Int) throws(DecodeError) -> UInt32 {
        guard let value = bytes.uint32(at: offset, .littleEndian) else { throw .truncated }
        return value
    }
}
