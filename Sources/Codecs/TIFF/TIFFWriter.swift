import CTIFF
import Imaging

/// Owns libtiff's writer and the bytes that it made.
@safe final class TIFFWriter {
    private let handle: OpaquePointer
    private var stripCount: UInt32 = 0

    /// - Parameter bits: of a sample.
    init(_ size: Size, channels: Int, bits: Int, rowsPerStrip: Int, level: Int, _ order: ByteOrder) throws(EncodeError)
    {
        guard
            let handle = unsafe ctiff_writer_open(
                UInt32(size.width), UInt32(size.height), Int32(channels), Int32(bits), UInt32(rowsPerStrip),
                Int32(level), order == .bigEndian ? 1 : 0)
        else { throw .failed(.tiff, reason: "out of memory") }
        unsafe self.handle = handle
    }

    deinit { unsafe ctiff_writer_close(handle) }

    func writeStrip(_ strip: [UInt8]) throws(EncodeError) {
        let isWritten = unsafe ctiff_writer_write_strip(handle, stripCount, strip, strip.count)
        guard isWritten != 0 else { throw .failed(.tiff, reason: "strip \(stripCount) could not be written") }
        stripCount += 1
    }

    /// - Parameter metadata: in the byte order that the file was begun with.
    func finish(_ metadata: PictureMetadata, into sink: any ByteSink) throws {
        var count = 0
        guard let bytes = unsafe ctiff_writer_finish(handle, &count) else {
            throw EncodeError.failed(.tiff, reason: "the directory could not be written")
        }
        let file = unsafe Span(_unsafeStart: bytes, count: count)
        guard let addition = try TIFFAddition(metadata, to: file) else { return try sink.write(file) }
        try sink.write(addition.header.span)
        try sink.write(file.extracting(droppingFirst: addition.header.count))
        try sink.write(addition.tail.span)
    }
}
