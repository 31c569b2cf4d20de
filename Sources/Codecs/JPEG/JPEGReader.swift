import CJPEG
import Imaging

/// Owns one libjpeg decompressor and the bytes that it reads.
@safe final class JPEGReader {
    private let image: EncodedImage
    private let handle: OpaquePointer
    private var facts = cjpeg_header()

    /// Reads the header.
    init(_ image: EncodedImage) throws(DecodeError) {
        let bytes = unsafe image.pointer.bindMemory(to: UInt8.self)
        guard let handle = unsafe cjpeg_decoder_create(bytes.baseAddress, bytes.count) else {
            throw .malformed(.jpeg, reason: "out of memory")
        }
        self.image = image
        unsafe self.handle = handle
        let status = unsafe cjpeg_decoder_read_header(handle, &facts)
        try check(status)
    }

    deinit { unsafe cjpeg_decoder_destroy(handle) }

    var color: cjpeg_color { facts.color }
    var hasAdobeMarker: Bool { facts.has_adobe_marker != 0 }
    var storedSize: Size { Size(width: Int(facts.width), height: Int(facts.height)) }

    var header: ImageHeader {
        var header = ImageHeader(format: .jpeg, storedSize: storedSize, hasAlpha: false)
        header.orientation = orientation
        header.isGray = color == CJPEG_GRAY
        header.needsWholePicture = facts.has_several_scans != 0
        return header
    }

    private var orientation: Orientation {
        var count = 0
        guard let exif = unsafe cjpeg_decoder_exif(handle, &count) else { return .upright }
        return unsafe Orientation(exif: Span(_unsafeStart: exif, count: count)) ?? .upright
    }

    func start(eighths: Int, onlyLuma: Bool) throws(DecodeError) {
        try check(unsafe cjpeg_decoder_start(handle, Int32(eighths), onlyLuma ? 1 : 0))
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
    func startPlanes(eighths: Int) throws(DecodeError) -> [cjpeg_plane] {
        var planes = [cjpeg_plane](repeating: cjpeg_plane(), count: 3)
        let status = unsafe planes.withUnsafeMutableBufferPointer { planes in
            unsafe cjpeg_decoder_start_planes(handle, Int32(eighths), planes.baseAddress)
        }
        try check(status)
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
