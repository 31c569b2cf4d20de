import CJPEG
import Imaging

/// Owns one libjpeg compressor.
@safe final class JPEGWriter {
    private let handle: OpaquePointer

    init() throws(EncodeError) {
        guard let handle = unsafe cjpeg_encoder_create() else { throw .failed(.jpeg, reason: "out of memory") }
        unsafe self.handle = handle
    }

    deinit { unsafe cjpeg_encoder_destroy(handle) }

    func start(_ layout: RowLayout, quality: Int, fullChroma: Bool, isOptimized: Bool) throws(EncodeError) {
        let status = unsafe cjpeg_encoder_start(
            handle, UInt32(layout.size.width), UInt32(layout.size.height), Int32(layout.format.bytesPerPixel),
            Int32(quality), fullChroma ? 1 : 0, isOptimized ? 1 : 0)
        try check(status)
    }

    func writeRow(_ row: Span<UInt8>) throws(EncodeError) {
        let status = unsafe row.withUnsafeBufferPointer { row in
            unsafe cjpeg_encoder_write_row(handle, row.baseAddress)
        }
        try check(status)
    }

    func finish() throws(EncodeError) {
        try check(unsafe cjpeg_encoder_finish(handle))
    }

    /// Passes on what was encoded so far.
    func drain(into sink: any ByteSink) throws {
        var count = 0
        guard let bytes = unsafe cjpeg_encoder_take(handle, &count), count > 0 else { return }
        try sink.write(unsafe Span(_unsafeStart: bytes, count: count))
    }

    private func check(_ status: cjpeg_status) throws(EncodeError) {
        guard status != CJPEG_OK else { return }
        throw .failed(.jpeg, reason: unsafe String(cString: cjpeg_encoder_message(handle)))
    }
}
