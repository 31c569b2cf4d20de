import CPNG
import Imaging

/// Owns one libpng reader and the bytes that it reads.
@safe final class PNGReader {
    private let image: EncodedImage
    private let handle: OpaquePointer
    private var details = cpng_header()
    private let keepsDepth: Bool

    /// Reads all that comes before the pixels.
    ///
    /// - Parameter keepsDepth: whether samples of 16 bits come as such.
    init(_ image: EncodedImage, keepsDepth: Bool = false) throws(DecodeError) {
        let bytes = unsafe image.pointer.bindMemory(to: UInt8.self)
        guard let handle = unsafe cpng_decoder_create(bytes.baseAddress, bytes.count) else {
            throw .malformed(.png, reason: "out of memory")
        }
        self.image = image
        self.keepsDepth = keepsDepth
        unsafe self.handle = handle
        let status = unsafe cpng_decoder_read_header(handle, &details)
        try check(status)
    }

    deinit { unsafe cpng_decoder_destroy(handle) }

    var isInterlaced: Bool { details.is_interlaced != 0 }

    var header: ImageHeader {
        let size = Size(width: Int(details.width), height: Int(details.height))
        var header = ImageHeader(format: .png, storedSize: size, hasAlpha: details.has_alpha != 0)
        header.orientation = orientation
        header.isGray = details.is_gray != 0
        header.needsWholePicture = isInterlaced
        header.isDeep = details.bits == 16
        if header.isDeep { header.heldBytesPerPixel = 8 }
        return header
    }

    var facts: ImageFacts {
        let mode: ColorMode =
            switch details.color {
            case CPNG_COLOR_GRAY: .gray
            case CPNG_COLOR_GRAY_ALPHA: .grayAlpha
            case CPNG_COLOR_PALETTE: .palette
            case CPNG_COLOR_RGBA: .rgba
            default: .rgb
            }
        return ImageFacts(
            mode, bitDepth: Int(details.bits), frameCount: image.withBytes { PNGFrames.count(in: $0) },
            exif: withEXIF { EXIF($0) } ?? EXIF())
    }

    private var orientation: Orientation { withEXIF { Orientation(exif: $0) } ?? .upright }

    private func withEXIF<R>(_ body: (Span<UInt8>) -> R?) -> R? {
        image.withBytes { bytes in
            var chunks = PNGChunks()
            while let (name, content) = chunks.next(in: bytes) {
                if bytes.starts(with: "eXIf", at: name) { return body(bytes.extracting(content)) }
            }
            return nil
        }
    }

    var metadata: PictureMetadata {
        PictureMetadata(
            exif: withEXIF { EXIFBlock($0) }, xmp: image.withBytes { PNGText.xmp(in: $0) },
            profile: codePoints == nil ? withProfile { $0.array } : nil, for: colorKind)
    }

    /// The layout of decoded rows.
    var layout: RowLayout {
        let header = header
        return RowLayout(
            size: header.storedSize,
            format: PixelFormat(header.isGray && !header.hasAlpha ? .gray : .rgba, isDeep: keepsDepth && header.isDeep),
            isOpaque: !header.hasAlpha)
    }

    /// To sRGB, where the picture is not in it.
    var transform: ColorTransform? { ColorTransform.from(profile, of: colorKind, isDeep: layout.format.isDeep) }

    private var colorKind: ColorKind { details.is_gray != 0 ? .gray : .rgb }

    /// What cICP says goes before what all other chunks say (PNG, third edition, section 4.3).
    private var codePoints: ColorProfile.Primaries? { image.withBytes { PNGCodePoints.primaries(in: $0) } }

    private func withProfile<R>(_ body: (Span<UInt8>) -> R?) -> R? {
        var count = 0
        guard let profile = unsafe cpng_decoder_profile(handle, &count) else { return nil }
        return body(unsafe Span(_unsafeStart: profile, count: count))
    }

    private var profile: ColorProfile? {
        if let codePoints { return .primaries(codePoints) }
        if let profile = withProfile({ ColorProfile($0) }) { return profile }
        var light = cpng_light()
        guard unsafe cpng_decoder_light(handle, &light) != 0, light.gamma > 0 else { return nil }
        var primaries = ColorProfile.Primaries(ColorProfile.Curve(exponent: 1 / light.gamma))
        if light.has_chromaticities != 0 {
            primaries.white = .init(light.white)
            primaries.red = .init(light.red)
            primaries.green = .init(light.green)
            primaries.blue = .init(light.blue)
        }
        return .primaries(primaries)
    }

    func start() throws(DecodeError) {
        try check(unsafe cpng_decoder_start(handle, keepsDepth ? 1 : 0))
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws(DecodeError) {
        let status = unsafe row.withUnsafeMutableBufferPointer { row in
            unsafe cpng_decoder_read_row(handle, row.baseAddress)
        }
        try check(status)
    }

    /// Decodes an interlaced picture, whose rows are complete only at its end.
    ///
    /// - Parameter checkpoint: what ``DecodeRequest`` has.
    /// - Throws: ``DecodeError``, or what `checkpoint` threw.
    func readAll(_ checkpoint: () throws -> Void) throws -> HeldRows {
        try start()
        let layout = layout
        let count = layout.rowByteCount
        var pixels = [UInt8](repeating: 0, count: try layout.pictureByteCount(in: .png))
        var rows = pixels.mutableSpan
        for _ in 0..<Self.passCount {
            for y in 0..<layout.size.height {
                if y.isMultiple(of: Self.interval) { try checkpoint() }
                var row = rows._mutatingExtracting(y * count..<(y + 1) * count)
                try readRow(into: &row)
            }
        }
        return HeldRows(layout, pixels)
    }

    /// Of Adam7 (ISO/IEC 15948, section 8.2). libpng takes every row of the picture in each, and leaves alone what the pass does
    /// not have.
    private static let passCount = 7

    /// Rows of a pass between two checkpoints.
    private static let interval = 16

    private func check(_ status: cpng_status) throws(DecodeError) {
        switch status {
        case CPNG_OK: return
        case CPNG_TRUNCATED: throw .truncated
        default: throw .malformed(.png, reason: unsafe String(cString: cpng_decoder_message(handle)))
        }
    }
}

extension ColorProfile.Chromaticity {
    fileprivate init(_ place: cpng_chromaticity) { self.init(x: place.x, y: place.y) }
}
