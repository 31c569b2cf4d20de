import CTIFF
import Imaging

/// Owns libtiff's writer and the bytes that it made.
@safe final class TIFFWriter {
    private let handle: OpaquePointer
    private var stripCount: UInt32 = 0

    init(_ size: Size, channels: Int, rowsPerStrip: Int, level: Int) throws(EncodeError) {
        guard
            let handle = unsafe ctiff_writer_open(
                UInt32(size.width), UInt32(size.height), Int32(channels), UInt32(rowsPerStrip), Int32(level))
        else { throw .failed(.tiff, reason: "out of memory") }
        unsafe self.handle = handle
    }

    deinit { unsafe ctiff_writer_close(handle) }

    func writeStrip(_ strip: [UInt8]) throws(EncodeError) {
        let isWritten = unsafe ctiff_writer_write_strip(handle, stripCount, strip, strip.count)
        guard isWritten != 0 else { throw .failed(.tiff, reason: "strip \(stripCount) could not be written") }
        stripCount += 1
    }

    func finish(into sink: any ByteSink) throws {
        var count = 0
        guard let bytes = unsafe ctiff_writer_finish(handle, &count) else {
            throw EncodeError.failed(.tiff, reason: "the directory could not be written")
        }
        try sink.write(unsafe Span(_unsafeStart: bytes, count: count))
    }
}
