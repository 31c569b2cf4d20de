import CJPEG
import Imaging

/// Owns one libjpeg decompressor and the bytes that it reads.
@safe final class JPEGReader {
    private let image: EncodedImage
    private let handle: OpaquePointer
    private var details = cjpeg_header()

    /// Reads the header.
    init(_ image: EncodedImage) throws(DecodeError) {
        let bytes = unsafe image.pointer.bindMemory(to: UInt8.self)
        guard let handle = unsafe cjpeg_decoder_create(bytes.baseAddress, bytes.count, image.isMapped ? 1 : 0)
        else {
            throw .malformed(.jpeg, reason: "out of memory")
        }
        self.image = image
        unsafe self.handle = handle
        let status = unsafe cjpeg_decoder_read_header(handle, &details)
        try check(status)
    }

    deinit { unsafe cjpeg_decoder_destroy(handle) }

    var color: cjpeg_color { details.color }
    var hasAdobeMarker: Bool { details.has_adobe_marker != 0 }
    var storedSize: Size { Size(width: Int(details.width), height: Int(details.height)) }

    var header: ImageHeader {
        var header = ImageHeader(format: .jpeg, storedSize: storedSize, hasAlpha: false)
        header.orientation = orientation
        header.isGray = color == CJPEG_GRAY
        header.needsWholePicture = details.has_several_scans != 0
        header.heldBytesPerPixel = heldBytesPerPixel
        return header
    }

    /// Its coefficients, rounded up: two bytes for each sample.
    private var heldBytesPerPixel: Int {
        let area = UInt64(storedSize.area)
        return Int((details.coefficient_byte_count + area - 1) / area)
    }

    var facts: ImageFacts {
        let mode: ColorMode =
            switch color {
            case CJPEG_GRAY: .gray
            case CJPEG_CMYK: .cmyk
            default: .rgb
            }
        return ImageFacts(mode, bitDepth: 8, exif: withEXIF { EXIF($0) } ?? EXIF())
    }

    private var orientation: Orientation { withEXIF { Orientation(exif: $0) } ?? .upright }

    var metadata: PictureMetadata {
        var count = 0
        let xmp = unsafe cjpeg_decoder_xmp(handle, &count).map { unsafe Span(_unsafeStart: $0, count: count).array }
        return PictureMetadata(
            exif: withEXIF { EXIFBlock($0) }, xmp: xmp, profile: withProfile { $0.array }, for: colorKind)
    }

    private func withEXIF<R>(_ body: (Span<UInt8>) -> R?) -> R? {
        var count = 0
        guard let exif = unsafe cjpeg_decoder_exif(handle, &count) else { return nil }
        return body(unsafe Span(_unsafeStart: exif, count: count))
    }

    private func withProfile<R>(_ body: (Span<UInt8>) -> R?) -> R? {
        var count = 0
        guard let profile = unsafe cjpeg_decoder_profile(handle, &count) else { return nil }
        return body(unsafe Span(_unsafeStart: profile, count: count))
    }

    private var colorKind: ColorKind {
        switch color {
        case CJPEG_GRAY: .gray
        case CJPEG_CMYK: .cmyk(isInverted: hasAdobeMarker)
        default: .rgb
        }
    }

    /// To sRGB, where the picture is not in it and shall be.
    func transform(_ request: DecodeRequest) -> ColorTransform? {
        request.keepsProfile ? nil : ColorTransform.from(withProfile { ColorProfile($0) }, of: colorKind)
    }

    /// Starts decoding rows.
    ///
    /// - Parameter checkpoint: what ``DecodeRequest`` has.
    /// - Throws: ``DecodeError``, or what `checkpoint` threw.
    func start(eighths: Int, onlyLuma: Bool, _ checkpoint: () throws -> Void) throws {
        try collecting(checkpoint) { unsafe cjpeg_decoder_start(handle, Int32(eighths), onlyLuma ? 1 : 0) }
    }

    /// Calls a start again until all scans are read.
    private func collecting(_ checkpoint: () throws -> Void, _ start: () -> cjpeg_status) throws {
        var status = start()
        while status == CJPEG_PAUSED {
            try checkpoint()
            status = start()
        }
        try check(status)
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws(DecodeError) {
        let status = unsafe row.withUnsafeMutableBufferPointer { row in
            unsafe cjpeg_decoder_read_row(handle, row.baseAddress)
        }
        try check(status)
    }

    /// Starts decoding luma and chroma apart.
    ///
    /// - Returns: what a band holds, plane by plane.
    /// - Throws: as ``start(eighths:onlyLuma:_:)``.
    func startPlanes(eighths: Int, _ checkpoint: () throws -> Void) throws -> [cjpeg_plane] {
        var planes = [cjpeg_plane](repeating: cjpeg_plane(), count: 3)
        try collecting(checkpoint) {
            unsafe planes.withUnsafeMutableBufferPointer { planes in
                unsafe cjpeg_decoder_start_planes(handle, Int32(eighths), planes.baseAddress)
            }
        }
        return planes
    }

    func readBand(into band: inout [UInt8]) throws(DecodeError) {
        let status = unsafe band.withUnsafeMutableBufferPointer { band in
            unsafe cjpeg_decoder_read_band(handle, band.baseAddress)
        }
        try check(status)
    }

    private func check(_ status: cjpeg_status) throws(DecodeError) {
        switch status {
        case CJPEG_OK: return
        case CJPEG_TRUNCATED: throw .truncated
        case CJPEG_UNSUPPORTED: throw .unsupported(.jpeg, reason: message)
        default: throw .malformed(.jpeg, reason: message)
        }
    }

    private var message: String { unsafe String(cString: cjpeg_decoder_message(handle)) }
}
