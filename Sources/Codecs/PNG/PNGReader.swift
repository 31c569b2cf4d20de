import CPNG
import Imaging

/// Owns one libpng reader and the bytes that it reads.
@safe final class PNGReader {
    private let image: EncodedImage
    private let handle: OpaquePointer
    private var facts = cpng_header()

    /// Reads all that comes before the pixels.
    init(_ image: EncodedImage) throws(DecodeError) {
        let bytes = unsafe image.pointer.bindMemory(to: UInt8.self)
        guard let handle = unsafe cpng_decoder_create(bytes.baseAddress, bytes.count) else {
            throw .malformed(.png, reason: "out of memory")
        }
        self.image = image
        unsafe self.handle = handle
        let status = unsafe cpng_decoder_read_header(handle, &facts)
        try check(status)
    }

    deinit { unsafe cpng_decoder_destroy(handle) }

    var isInterlaced: Bool { facts.is_interlaced != 0 }

    var header: ImageHeader {
        let size = Size(width: Int(facts.width), height: Int(facts.height))
        var header = ImageHeader(format: .png, storedSize: size, hasAlpha: facts.has_alpha != 0)
        header.orientation = orientation
        header.isGray = facts.is_gray != 0
        header.needsWholePicture = isInterlaced
        return header
    }

    private var orientation: Orientation {
        var count = 0
        guard let exif = unsafe cpng_decoder_exif(handle, &count) else { return .upright }
        return unsafe Orientation(exif: Span(_unsafeStart: exif, count: count)) ?? .upright
    }

    /// The layout of decoded rows.
    var layout: RowLayout {
        let header = header
        return RowLayout(
            size: header.storedSize, format: header.isGray && !header.hasAlpha ? .gray8 : .rgba8,
            isOpaque: !header.hasAlpha)
    }

    func start() throws(DecodeError) {
        try check(unsafe cpng_decoder_start(handle))
    }

    func readRow(into row: inout MutableSpan<UInt8>) throws(DecodeError) {
        let status = unsafe row.withUnsafeMutableBufferPointer { row in
            unsafe cpng_decoder_read_row(handle, row.baseAddress)
        }
        try check(status)
    }

    /// Decodes an interlaced picture, whose rows are complete only at its end.
    func readAll() throws(DecodeError) -> HeldRows {
        try start()
        let layout = layout
        var pixels = [UInt8](repeating: 0, count: try layout.pictureByteCount(in: .png))
        let status = unsafe pixels.withUnsafeMutableBufferPointer { pixels in
            unsafe cpng_decoder_read_rows(handle, pixels.baseAddress, layout.rowByteCount)
        }
        try check(status)
        return HeldRows(layout, pixels)
    }

    private func check(_ status: cpng_status) throws(DecodeError) {
        switch status {
        case CPNG_OK: return
        case CPNG_TRUNCATED: throw .truncated
        default: throw .malformed(.png, reason: unsafe String(cString: cpng_decoder_message(handle)))
        }
    }
}
